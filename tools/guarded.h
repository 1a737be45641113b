#pragma once

#include <functional>
#include <string>

namespace hourglass::tools {

// Exit codes of a program; 128 and a signal's number where one stopped it (interrupt_code()).
// Undecided: a check that neither passed nor failed.
enum Exit : int { kDone = 0, kFailed = 1, kBadInput = 2, kUndecided = 3 };

// What main returns: run's result; for a user's mistake (Error) kBadInput, for any other exception,
// a disk that is full and output that could not be written kFailed, after one line on standard
// error that names the speaker.
int guarded(const std::function<int()>& run, const std::string& speaker = "hourglass");

// Writes what was printed so far. Throws WriteError with what the system says.
void flush_output();

}  // namespace hourglass::tools
