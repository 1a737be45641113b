// A report as it is.

beginPage(renderReport);
