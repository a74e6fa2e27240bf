// Hierarchical clustering of one small component, from its dense similarity matrix.
#include "linkage.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

namespace dedupe {
namespace {

// The numbers below n in order, as labels.
Vector<i32> own_labels(i64 n) {
    Vector<i32> labels(n);
    std::iota(labels.begin(), labels.end(), 0);
    return labels;
}

// A pair of two numbers with its value.
struct Tie {
    i32 low, high;
    f64 value;
};

// Sorts ties by one of their ends, below n; those that share it stay in the order that they had.
void sort_by(i32 Tie::*end, Vector<Tie> &ties, Vector<Tie> &scratch, i64 n) {
    Vector<i64> places(n + 1);
    for (const Tie &tie : ties) places[tie.*end + 1]++;
    for (i64 i = 0; i < n; i++) places[i + 1] += places[i];
    scratch.resize(ties.size());
    for (const Tie &tie : ties) scratch[places[tie.*end]++] = tie;
    ties.swap(scratch);
}

std::tuple<Table<i32>, Vector<f64>> combined(View2<const i64> ends, View<const f64> values, i64 n,
                                             bool add) {
    Vector<Tie> ties, scratch;
    ties.reserve(static_cast<std::size_t>(ends.rows));
    for (i64 p = 0; p < ends.rows; p++) {
        const i64 low = std::min(ends(p, 0), ends(p, 1)), high = std::max(ends(p, 0), ends(p, 1));
        if (low >= 0 && low != high)
            ties.push_back({static_cast<i32>(low), static_cast<i32>(high), values[p]});
    }
    // By the lower end, then by the higher, and those of one pair as they came.
    sort_by(&Tie::high, ties, scratch, n);
    sort_by(&Tie::low, ties, scratch, n);
    i64 count = 0;
    for (const Tie &tie : ties) {
        if (!count || ties[count - 1].low != tie.low || ties[count - 1].high != tie.high)
            ties[count++] = tie;
        else if (add)
            ties[count - 1].value += tie.value;
        else
            ties[count - 1].value = std::max(ties[count - 1].value, tie.value);
    }
    Table<i32> pairs(count, 2);
    Vector<f64> found(count);
    for (i64 k = 0; k < count; k++) {
        pairs(k, 0) = ties[k].low;
        pairs(k, 1) = ties[k].high;
        found[k] = ties[k].value;
    }
    return {std::move(pairs), std::move(found)};
}

// The most similar later row that is alive; -1 where there is none.
i32 nearest(View2<const f64> similarity, const Flags &alive, i64 row) {
    i64 found = -1;
    for (i64 k = row + 1; k < similarity.rows; k++)
        if (alive[k] && (found < 0 || similarity(row, k) > similarity(row, found))) found = k;
    return static_cast<i32>(found);
}

// Average linkage of m articles, scratch that is kept from component to component.
//
// Sokal & Michener 1958, with the update of Lance & Williams 1967.
struct Linkage {
    // What is alike (m, m), symmetric, used up.
    Vector<f64> values;
    View2<f64> similarity;
    Vector<i32> labels, best;
    Vector<f64> sizes;
    Flags alive;

    void start(i64 m) {
        values.assign(static_cast<std::size_t>(m * m), 0.0);
        similarity = {values.data(), m, m};
        labels = own_labels(m);
        best.assign(static_cast<std::size_t>(m), -1);
        sizes.assign(static_cast<std::size_t>(m), 1.0);
        alive = Flags(m, true);
    }

    // The row that is most alike to a later one; the lowest of equals, -1 for none.
    i64 closest() const {
        i64 a = -1;
        for (i64 i = 0; i < similarity.rows; i++) {
            if (!alive[i] || best[i] < 0) continue;
            if (a < 0 || similarity(i, best[i]) > similarity(a, best[a])) a = i;
        }
        return a;
    }

    void merge(i64 a, i64 b) {
        const i64 m = similarity.rows;
        const f64 total = sizes[a] + sizes[b];
        for (i64 k = 0; k < m; k++) {
            if (!alive[k] || k == a || k == b) continue;
            const f64 mean = (sizes[a] * similarity(a, k) + sizes[b] * similarity(b, k)) / total;
            similarity(a, k) = mean;
            similarity(k, a) = mean;
        }
        sizes[a] = total;
        alive[b] = false;
        for (i64 k = 0; k < m; k++)
            if (labels[k] == b) labels[k] = static_cast<i32>(a);
        for (i64 k = 0; k < m; k++) {
            if (!alive[k]) continue;
            // Only rows whose nearest was merged, or that the merged row now beats, can change.
            if (k == a || best[k] == a || best[k] == b)
                best[k] = nearest(similarity, alive, k);
            else if (k < a && best[k] >= 0 && similarity(k, a) > similarity(k, best[k]))
                best[k] = static_cast<i32>(a);
        }
    }

    // Merges while the best mean is `cut` or more. Ties go to the lowest indices; labels are the
    // lowest index of their group.
    void run(f64 cut) {
        for (i64 i = 0; i < similarity.rows; i++) best[i] = nearest(similarity, alive, i);
        for (i64 a = closest(); a >= 0 && !(similarity(a, best[a]) < cut); a = closest())
            merge(a, best[a]);
    }
};

Table<i32> member_pairs(View<const i32> order, View<const i64> bounds) {
    i64 total = 0;
    for (i64 c = 0; c < bounds.size - 1; c++) {
        const i64 size = bounds[c + 1] - bounds[c];
        total += size * (size - 1) / 2;
    }
    Table<i32> pairs(total, 2);
    i64 count = 0;
    for (i64 c = 0; c < bounds.size - 1; c++) {
        for (i64 i = bounds[c]; i < bounds[c + 1]; i++) {
            for (i64 j = i + 1; j < bounds[c + 1]; j++) {
                pairs(count, 0) = std::min(order[i], order[j]);
                pairs(count, 1) = std::max(order[i], order[j]);
                count++;
            }
        }
    }
    return pairs;
}

Vector<i32> link_components(View<const i32> order, View<const i64> bounds,
                            View2<const i32> pairs, View<const f64> strength, f64 cut) {
    const i64 n = order.size;
    Vector<i32> labels = own_labels(n);
    Vector<i64> places(n), starts(n + 1);
    for (i64 p = 0; p < pairs.rows; p++) starts[pairs(p, 0) + 1]++;
    for (i64 i = 0; i < n; i++) starts[i + 1] += starts[i];
    Linkage linkage;
    for (i64 c = 0; c < bounds.size - 1; c++) {
        const i64 first = bounds[c], size = bounds[c + 1] - bounds[c];
        if (size < 2) continue;
        for (i64 k = 0; k < size; k++) places[order[first + k]] = k;
        linkage.start(size);
        for (i64 k = 0; k < size; k++) {
            const i32 row = order[first + k];
            for (i64 p = starts[row]; p < starts[row + 1]; p++) {
                const i64 other = places[pairs(p, 1)];
                linkage.similarity(k, other) = strength[p];
                linkage.similarity(other, k) = strength[p];
            }
        }
        linkage.run(cut);
        for (i64 k = 0; k < size; k++)
            labels[order[first + k]] = order[first + linkage.labels[k]];
    }
    return labels;
}

// The articles that wait to be hung, with the strongest pair to what hangs already.
//
// A heap (Williams 1964), as thousands of copies of one text wait for one head. What is met by a
// stronger pair is put in again; the weaker entry is passed over when its turn comes.
struct Frontier {
    Vector<std::pair<f64, i32>> waiting;
    Vector<f64> best;

    explicit Frontier(i64 n) : best(n, -std::numeric_limits<f64>::infinity()) {}

    // Whether the pair is stronger than those before it; then it counts.
    bool offer(i32 article, f64 weight) {
        if (!(weight > best[article])) return false;
        best[article] = weight;
        waiting.emplace_back(weight, -article);
        std::push_heap(waiting.begin(), waiting.end());
        return true;
    }

    // Takes out the one with the strongest pair, of equals the lowest; -1 where none waits.
    i32 take(const Flags &done) {
        while (!waiting.empty()) {
            const i32 article = -waiting.front().second;
            std::pop_heap(waiting.begin(), waiting.end());
            waiting.pop_back();
            if (!done[article]) return article;
        }
        return -1;
    }
};

std::tuple<Vector<i32>, Vector<i64>> hang(View<const i32> heads, View<const i32> neighbours,
                                          View<const f64> weights, View<const i64> edges,
                                          View<const i64> bounds) {
    const i64 n = heads.size;
    Vector<i32> parents(n, -1);
    Vector<i64> links(n, -1);
    Flags done(n);
    Frontier frontier(n);
    for (i64 head = 0; head < n; head++) {
        if (heads[head] != head) continue;
        for (i64 current = head; current >= 0; current = frontier.take(done)) {
            done[current] = true;
            for (i64 k = bounds[current]; k < bounds[current + 1]; k++) {
                const i32 other = neighbours[k];
                if (done[other] || !frontier.offer(other, weights[k])) continue;
                parents[other] = static_cast<i32>(current);
                links[other] = edges[k];
            }
        }
    }
    return {std::move(parents), std::move(links)};
}

}  // namespace

Vector<i32> connected(i64 n, View2<const i32> pairs) {
    Vector<i32> labels = own_labels(n);
    for (i64 p = 0; p < pairs.rows; p++) {
        i32 a = pairs(p, 0), b = pairs(p, 1);
        while (labels[a] != a) a = labels[a] = labels[labels[a]];
        while (labels[b] != b) b = labels[b] = labels[labels[b]];
        // The lower index is the root, so that it names the component.
        if (a < b)
            labels[b] = a;
        else
            labels[a] = b;
    }
    // Roots are lower: they are final by then.
    for (i64 i = 0; i < n; i++) labels[i] = labels[labels[i]];
    return labels;
}

void bind_linkage(nb::module_ &m) {
    m.def("combined", &combined, Unlocked(), "ends"_a, "values"_a, "n"_a, "add"_a, R"(
Each pair of ``ends`` (m, 2) below n once, the lower end first: (k, 2).

In order, with the highest of its values, or with ``add`` their sum: (k,). A pair with a negative
end, or with the same end twice, is left out.)");
    m.def("member_pairs", &member_pairs, Unlocked(), "order"_a, "bounds"_a,
          "All pairs within each run of ``order`` (n,) ragged by ``bounds``: (m, 2).");
    m.def("link_components", &link_components, Unlocked(), "order"_a, "bounds"_a, "pairs"_a,
          "strength"_a, "cut"_a, R"(
Average linkage inside each run of ``order``: labels (n,), the lowest index of a group.

Sokal & Michener 1958, with the update of Lance & Williams 1967; groups merge while the best mean is
``cut`` or more. ``pairs`` (m, 2), sorted, hold all pairs of every run, ``strength`` (m,) how much
alike they are.)");
    m.def("hang", &hang, Unlocked(), "heads"_a, "neighbours"_a, "weights"_a, "edges"_a, "bounds"_a,
          R"(
Maximum spanning tree of each group, rooted at its head (Prim 1957).

``heads`` (n,) names each article's head; ``neighbours``, ``weights`` and ``edges`` (the numbers of
the pairs) are ragged by ``bounds``. Returns parents (n,) and the pair that holds each to its parent
(n,), -1 for heads. Of equal weights the article that joined first wins, then the lowest index.)");
    m.def("connected", &connected, Unlocked(), "n"_a, "pairs"_a,
          "Connected components: labels (n,), the lowest index of each (Tarjan 1975).");
}

}  // namespace dedupe
