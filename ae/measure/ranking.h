#pragma once

#include <vector>

namespace hourglass::ae {

// How well scores rank what is to be found, `positive`, above the rest. Equal scores share their
// places, so that the order of the examples does not matter. Throw Error for another number of
// labels, scores that are not finite, and where one of the two classes is missing.

// The area under the ROC curve: the share of pairs of a positive and another example in which the
// positive has the higher score, ties counting half.
double roc_auc(const std::vector<double>& scores, const std::vector<bool>& positive);

// The mean over the positives of the precision at their place (Manning et al., "Introduction to
// Information Retrieval", 2008, section 8.4), as a step curve.
double average_precision(const std::vector<double>& scores, const std::vector<bool>& positive);

// 2 TP / (2 TP + FP + FN), where what is above the threshold is taken for positive.
double f1(const std::vector<double>& scores, const std::vector<bool>& positive, double threshold);

// The number below which that share of the numbers lies, 0 to 1, between neighbours in proportion
// (NumPy's default). Throws Error where there are none or the share is out of range.
double quantile(std::vector<double> numbers, double share);

}  // namespace hourglass::ae
