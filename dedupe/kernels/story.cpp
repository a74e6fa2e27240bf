// From cosines to story scores: each pair against what is usual around its two articles.
//
// Pairs are (m, 2); per pair values are (m,).
#include <cmath>
#include <limits>

#include "array.h"

namespace dedupe {
namespace {

constexpr i64 DAY = 86'400'000'000, UNDATED = std::numeric_limits<i64>::max();

f64 logistic(f64 value) { return 1.0 / (1.0 + std::exp(-value)); }

Vector<f64> date_ratios(View2<const i32> pairs, View<const f64> weights, View<const i64> dates,
                        View<const i64> edges, View<const f64> same, View<const f64> corpus,
                        f64 strength) {
    Vector<u8> bins(pairs.rows);
    Table<f64> usual(dates.size, edges.size);
    for (i64 p = 0; p < pairs.rows; p++) {
        const i64 a = dates[pairs(p, 0)], b = dates[pairs(p, 1)];
        bins[p] = static_cast<u8>(edges.size);
        if (a == UNDATED || b == UNDATED) continue;
        const i64 gap = (a > b ? a - b : b - a) / DAY;
        i64 k = 0;
        while (k + 1 < edges.size && gap >= edges[k + 1]) k++;
        bins[p] = static_cast<u8>(k);
        usual(pairs(p, 0), k) += weights[p];
        usual(pairs(p, 1), k) += weights[p];
    }
    for (i64 i = 0; i < dates.size; i++) {
        f64 total = 0;
        for (i64 k = 0; k < edges.size; k++) total += usual(i, k);
        total += strength;
        for (i64 k = 0; k < edges.size; k++)
            usual(i, k) = std::log((usual(i, k) + strength * corpus[k]) / total);
    }
    Vector<f64> ratios(pairs.rows);
    for (i64 p = 0; p < pairs.rows; p++) {
        const i64 k = bins[p];
        if (k < edges.size)
            ratios[p] = same[k] - 0.5 * (usual(pairs(p, 0), k) + usual(pairs(p, 1), k));
    }
    return ratios;
}

// Takes from each logit `share` of the lower of its articles' best logits, if positive; what that
// adds.
//
// Where both articles have a far better companion, a middling pair is a look-alike.
Vector<f32> contrast(View2<const i32> pairs, View<f64> logits, f64 share, i64 n) {
    Vector<f64> best(n, -std::numeric_limits<f64>::infinity());
    for (i64 p = 0; p < pairs.rows; p++)
        for (i64 side = 0; side < 2; side++)
            best[pairs(p, side)] = std::max(best[pairs(p, side)], logits[p]);
    Vector<f32> rivals(pairs.rows);
    for (i64 p = 0; p < pairs.rows; p++) {
        const f64 rival = std::min(best[pairs(p, 0)], best[pairs(p, 1)]), alone = logits[p];
        logits[p] -= share * std::max(0.0, rival);
        rivals[p] = static_cast<f32>(logits[p] - alone);
    }
    return rivals;
}

// Adds to `sums` (n,) of each article the values of those that it is paired with.
void add_neighbours(View2<const i32> pairs, const Vector<f64> &values, Vector<f64> &sums) {
    for (i64 p = 0; p < pairs.rows; p++) {
        sums[pairs(p, 0)] += values[pairs(p, 1)];
        sums[pairs(p, 1)] += values[pairs(p, 0)];
    }
}

// Rounds, strength, true and share of the local priors.
using Prior = std::tuple<i64, f64, f64, f64>;

// Expectation-maximisation of how many of the pairs around each article are true.
//
// As in probabilistic record linkage (Fellegi & Sunter 1969; Winkler 1988), with a prior of
// `strength` pairs of which `prior` are true. `shifts` (n,) becomes `share` of the change in
// log-odds; a pair's is the mean of its two. Returns how many pairs there are around each article,
// its own and its neighbours': (n,).
Vector<f64> local_priors(View2<const i32> pairs, View<const f64> logits, i64 n,
                         const Prior &settings, Vector<f64> &shifts) {
    const auto [rounds, strength, prior, share] = settings;
    const f64 usual = std::log(prior / (1.0 - prior));
    shifts.assign(static_cast<std::size_t>(n), 0.0);
    Vector<f64> near(n);
    for (i64 p = 0; p < pairs.rows; p++) {
        near[pairs(p, 0)] += 1.0;
        near[pairs(p, 1)] += 1.0;
    }
    Vector<f64> around = near;
    add_neighbours(pairs, near, around);
    Vector<f64> expected(n), summed(n);
    for (i64 round = 0; round < rounds; round++) {
        std::fill(expected.begin(), expected.end(), 0.0);
        for (i64 p = 0; p < pairs.rows; p++) {
            const i64 a = pairs(p, 0), b = pairs(p, 1);
            const f64 chance = logistic(logits[p] + 0.5 * (shifts[a] + shifts[b]));
            expected[a] += chance;
            expected[b] += chance;
        }
        summed = expected;
        add_neighbours(pairs, expected, summed);
        for (i64 i = 0; i < n; i++) {
            const f64 rate = (summed[i] + strength * prior) / (around[i] + strength);
            shifts[i] = share * (std::log(rate / (1.0 - rate)) - usual);
        }
    }
    return around;
}

// The pairs of a chance that counts as a graph: of each article its companions, and their chances.
struct Companions {
    Vector<i64> starts;
    Vector<i32> others;
    Vector<f64> chances;
    Vector<f64> lengths;  // of each article's row of chances, with 1 in its own place

    Companions(View2<const i32> pairs, const Vector<f64> &likely, f64 least, i64 n)
        : starts(n + 1), lengths(n, 1.0) {
        for (i64 p = 0; p < pairs.rows; p++) {
            if (likely[p] < least) continue;
            starts[pairs(p, 0) + 1]++;
            starts[pairs(p, 1) + 1]++;
        }
        for (i64 i = 0; i < n; i++) starts[i + 1] += starts[i];
        others.resize(static_cast<std::size_t>(starts[n]));
        chances.resize(static_cast<std::size_t>(starts[n]));
        Vector<i64> ends = starts;
        for (i64 p = 0; p < pairs.rows; p++) {
            if (likely[p] < least) continue;
            for (i64 side = 0; side < 2; side++) {
                const i64 i = pairs(p, side), at = ends[i]++;
                others[at] = pairs(p, 1 - side);
                chances[at] = likely[p];
                lengths[i] += likely[p] * likely[p];
            }
        }
        for (i64 i = 0; i < n; i++) lengths[i] = std::sqrt(lengths[i]);
    }
};

// Least chance and offset of companions in common.
using Common = std::tuple<f64, f64>;

// Adds to each logit what the companions that both articles have say; what that is.
//
// As shared nearest neighbours (Jarvis & Patrick 1973): the cosine of the two articles' rows of
// chances, beside what it is of two that have nobody else. Nothing speaks for a pair that is `apart`.
Vector<f32> companions_in_common(View2<const i32> pairs, View<f64> logits,
                                 View<const bool> apart, i64 n, const Common &settings) {
    const auto [least, offset] = settings;
    Vector<f64> likely(pairs.rows);
    for (i64 p = 0; p < pairs.rows; p++) likely[p] = logistic(logits[p]);
    const Companions of(pairs, likely, least, n);
    Vector<f32> added(pairs.rows);
    Vector<f64> row(n);  // chances of the article that is looked at
    i64 looked_at = -1;
    for (i64 p = 0; p < pairs.rows; p++) {
        const f64 chance = likely[p];
        if (chance < least) continue;
        const i64 one = pairs(p, 0), other = pairs(p, 1);
        if (one != looked_at) {
            if (looked_at >= 0)
                for (i64 at = of.starts[looked_at]; at < of.starts[looked_at + 1]; at++)
                    row[of.others[at]] = 0.0;
            for (i64 at = of.starts[one]; at < of.starts[one + 1]; at++)
                row[of.others[at]] = of.chances[at];
            looked_at = one;
        }
        f64 shared = 2.0 * chance;
        for (i64 at = of.starts[other]; at < of.starts[other + 1]; at++)
            shared += of.chances[at] * row[of.others[at]];
        const f64 cosine = shared / (of.lengths[one] * of.lengths[other]);
        const f64 alone = 2.0 * chance / (1.0 + chance * chance);
        const f64 value = std::log((cosine + offset) / (alone + offset));
        if (apart[p] && value > 0.0) continue;
        added[p] = static_cast<f32>(value);
        logits[p] += value;
    }
    return added;
}

std::tuple<Vector<f32>, Vector<f32>, Vector<f32>> in_company(
    View2<const i32> pairs, View<f64> logits, View<const bool> near, View<const bool> apart, i64 n,
    f64 share, const Prior &prior, const std::tuple<f64, f64> &caution, f64 constant,
    const Common &common) {
    Vector<f32> rivals = contrast(pairs, logits, share, n);
    // Counted first: pairs are most of what a large run holds at this time.
    const i64 count = std::count(near.begin(), near.end(), true);
    Table<i32> near_pairs(count, 2);
    Vector<f64> near_logits(count);
    for (i64 p = 0, at = 0; p < pairs.rows; p++) {
        if (!near[p]) continue;
        near_pairs(at, 0) = pairs(p, 0), near_pairs(at, 1) = pairs(p, 1);
        near_logits[at++] = logits[p];
    }
    Vector<f64> shifts;
    const Vector<f64> around = local_priors(near_pairs.view(), near_logits, n, prior, shifts);
    near_pairs = Table<i32>(), near_logits = Vector<f64>();
    Vector<f32> surroundings(pairs.rows);
    const auto [lost, halved] = caution;
    for (i64 i = 0; i < n; i++) shifts[i] -= lost * halved / (around[i] + halved);
    for (i64 p = 0; p < pairs.rows; p++) {
        const f64 added = 0.5 * (shifts[pairs(p, 0)] + shifts[pairs(p, 1)]);
        surroundings[p] = static_cast<f32>(added);
        logits[p] += added + constant;
    }
    shifts = Vector<f64>();
    return {std::move(rivals), std::move(surroundings),
            companions_in_common(pairs, logits, apart, n, common)};
}

Vector<f64> alone(View2<const f32> found, View<const f64> coefficients, f64 intercept) {
    if (found.columns != coefficients.size)
        throw std::invalid_argument("evidence of another width than the model");
    Vector<f64> sums(found.rows);
    for (i64 p = 0; p < found.rows; p++) {
        f64 sum = 0;
        for (i64 k = 0; k < found.columns; k++)
            sum += static_cast<f64>(found(p, k)) * coefficients[k];
        sums[p] = sum + intercept;
    }
    return sums;
}

Vector<f64> day_pairs(View<const i64> days, View<const i64> counts, View<const i64> edges) {
    Vector<f64> found(edges.size);
    Vector<i64> ends(edges.size);
    Vector<f64> upto(edges.size);  // articles of days before each end
    i64 articles = 0;
    for (const i64 count : counts) articles += count;
    const f64 whole = static_cast<f64>(articles);
    f64 before = 0;
    for (i64 i = 0; i < days.size; i++) {
        const f64 own = static_cast<f64>(counts[i]);
        before += own;
        found[0] += 0.5 * own * (own - 1.0);
        for (i64 k = 0; k < edges.size; k++) {
            i64 end = ends[k];
            const i64 day = days[i] + edges[k];
            for (; end < days.size && days[end] < day; end++)
                upto[k] += static_cast<f64>(counts[end]);
            ends[k] = end;
        }
        for (i64 k = 0; k < edges.size; k++) {
            // From this edge on to the next; days equal to its own are counted above.
            const f64 low = std::max(upto[k], before);
            const f64 high = k + 1 < edges.size ? upto[k + 1] : whole;
            if (high > low) found[k] += own * (high - low);
        }
    }
    return found;
}

Vector<f64> day_neighbours(View<const i64> counts, i64 articles, i64 place, View<const i64> edges) {
    Vector<f64> found(edges.size);
    f64 near = 0;
    for (i64 k = 0; k + 1 < edges.size; k++) {
        i64 held = 0;
        for (i64 gap = edges[k]; gap < std::min(edges[k + 1], place + 1); gap++)
            held += counts[place - gap];
        for (i64 gap = std::max<i64>(edges[k], 1);
             gap < std::min(edges[k + 1], counts.size - place); gap++)
            held += counts[place + gap];
        found[k] = static_cast<f64>(held);
        near += found[k];
    }
    found[edges.size - 1] = static_cast<f64>(articles) - near;
    return found;
}

}  // namespace

void bind_story(nb::module_ &m) {
    m.def("date_ratios", &date_ratios, Unlocked(), "pairs"_a, "weights"_a, "dates"_a, "edges"_a,
          "same"_a, "corpus"_a, "strength"_a, R"(
Log P(gap | one story) - log P(gap | look-alikes) of each pair: (m,).

A gap is told by the last of ``edges`` (whole days) that it reaches. ``same`` (edges,) are log
probabilities. Those of look-alikes are the gaps around each article, its pairs counted by their
``weights`` (m,), on top of ``strength`` pairs of the ``corpus`` (edges,); a pair takes the mean of
its two articles' logarithms. ``dates`` (n,) are in microseconds; a pair with an undated article
gets 0: no evidence.)");
    m.def("in_company", &in_company, Unlocked(), "pairs"_a, "logits"_a, "near"_a, "apart"_a, "n"_a,
          "share"_a, "prior"_a, "caution"_a, "constant"_a, "common"_a, R"(
Turns logits of pairs read alone, in place, into those in their company.

Where both articles have a far better companion, a middling pair is a look-alike: it loses ``share``
of the lower of its articles' best logits, if positive. Only the pairs of ``near`` (m,) are
surroundings of others, of which a share is true that is estimated around each article, as in
probabilistic record linkage (Fellegi & Sunter 1969; Winkler 1988): ``prior`` are the rounds of
this, how many pairs it begins with, which share of those is true, and which share of the change in
log-odds a pair takes on. ``caution`` is what an article without surroundings loses, and how many
pairs halve that; ``constant`` is added then.

In the end companions that both have speak for a pair, and those of one alone against it, as shared
nearest neighbours do (Jarvis & Patrick 1973): log((cosine + offset) / (that of two that have nobody
else + offset)) is added, the cosine being that of their rows of chances, with 1 in their own place.
For those that are ``apart`` (m,) nobody speaks: who has no date may be the companion of both.
``common`` is the least chance that counts, and the offset.

Returns what rivals took away, what the surroundings added, and what companions in common added:
(m,) each.)");
    m.def("alone", &alone, Unlocked(), "found"_a, "coefficients"_a, "intercept"_a, R"(
Log-odds (m,) of pairs by their evidence (m, k) and its coefficients (k,).)");
    m.def("day_pairs", &day_pairs, Unlocked(), "days"_a, "counts"_a, "edges"_a, R"(
How many pairs of articles lie in each bin of the gap between their days: (edges,).

``days`` (k,) ascend, ``counts`` (k,) are the articles of each.)");
    m.def("day_neighbours", &day_neighbours, Unlocked(), "counts"_a, "articles"_a, "place"_a,
          "edges"_a, R"(
How many articles lie in each bin of the gap from one day: (edges,).

``counts`` (days,) are the articles of days in a row, ``articles`` their sum, and ``place`` is the
day; its own articles all count.)");
}

}  // namespace dedupe
