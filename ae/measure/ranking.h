#pragma once

#include <cstdint>
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

// The volume under the surface of precision and recall, of scores that follow one another in time
// (Paparrizos et al., "Volume under the surface: a new accuracy evaluation measure for time-series
// anomaly detection", 2022): the mean over l = 0, ..., longest of the area under the curve
//   precision = TP / predicted, recall = min(1, TP / P) * ranges found / ranges,  TP = sum of r,
// as a step curve over all thresholds, where r is 1 in a range of positives and sqrt(1 - d / l) at d <= l / 2 steps
// from it, so that a score which is a little early or late counts in part; where two such slopes meet
// they are added, to at most 1. P is the mean of the sums of the labels and of r; a range is found with
// the first of its steps, those of the slopes included; ranges whose slopes meet are one. `longest` is
// how far off an alarm may be: the length of the windows that were scored, say. Throws Error where it
// is below 0, too.
double vus_pr(const std::vector<double>& scores, const std::vector<bool>& positive,
              std::int64_t longest);

// 2 TP / (2 TP + FP + FN), where what is above the threshold is taken for positive.
double f1(const std::vector<double>& scores, const std::vector<bool>& positive, double threshold);

// The number below which that share of the numbers lies, 0 to 1, between neighbours in proportion
// (NumPy's default). Throws Error where there are none or the share is out of range.
double quantile(std::vector<double> numbers, double share);

}  // namespace hourglass::ae
