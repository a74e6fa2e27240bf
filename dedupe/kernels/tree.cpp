// Average-linkage trees of a sparse graph, and the partition of a tree with the best expected F1.
#include "tree.h"

#include <numeric>

namespace dedupe {
namespace {

// The numbers below n in order.
template <class T> Vector<T> counted(i64 n) {
    Vector<T> numbers(n);
    std::iota(numbers.begin(), numbers.end(), T(0));
    return numbers;
}

// A cluster and the mean chance to it; -1 for none.
struct Nearest {
    i64 cluster;
    f64 mean;
};

// The clusters while they are merged. Each is named by its first article, from which its members
// follow each other.
struct Clusters {
    Graph graph;
    View<const f64> sizes;
    Vector<i64> owner, lasts, nexts;
    Vector<f64> weight;
    // Scratch: the sum of chances from one cluster to each other, and which of them are not 0.
    Vector<f64> sums;
    Vector<i64> met;

    Clusters(const Graph &graph, View<const f64> sizes)
        : graph(graph), sizes(sizes), owner(counted<i64>(graph.size())), lasts(owner),
          nexts(graph.size(), -1), weight(sizes.begin(), sizes.end()), sums(graph.size()) {}

    // Sums the chances from a cluster to all others that it meets.
    void meet(i64 cluster) {
        const View<const i64> owners = owner;
        const View<f64> summed = sums;
        for (i64 node = cluster; node >= 0; node = nexts[node]) {
            const f64 size = sizes[node];
            const i64 end = graph.bounds[node + 1];
            for (i64 k = graph.bounds[node]; k < end; k++) {
                const i32 neighbour = graph.neighbours[k];
                const i64 other = owners[neighbour];
                if (other == cluster) continue;
                if (summed[other] == 0.0) met.push_back(other);
                // Weighted by both sizes, so that a text printed many times counts as often.
                summed[other] += graph.chances[k] * size * sizes[neighbour];
            }
        }
    }

    f64 mean(i64 cluster, i64 other) const {
        return sums[other] / (weight[cluster] * weight[other]);
    }

    // The cluster with the highest mean chance to `current`, which a chain has come to from `back`;
    // -1 where it begins.
    Nearest nearest(i64 current, i64 back, const Flags &on_chain) {
        meet(current);
        Nearest best = {-1, 0.0};
        for (const i64 other : met) {
            const f64 value = mean(current, other);
            if (value > best.mean || (value == best.mean && other < best.cluster))
                best = {other, value};
        }
        // The one we came from wins a tie, or the chain would never close; and so it does where
        // means that are equal but for rounding lead back into the chain.
        if (back >= 0) {
            const bool circle = best.cluster >= 0 && on_chain[best.cluster];
            if (circle || mean(current, back) >= best.mean) best.cluster = back;
        }
        for (const i64 other : met) sums[other] = 0.0;
        met.clear();
        return best;
    }

    // Puts cluster `b` behind the lower one `a`.
    void merge(i64 a, i64 b) {
        for (i64 node = b; node >= 0; node = nexts[node]) owner[node] = a;
        nexts[lasts[a]] = b;
        lasts[a] = lasts[b];
        weight[a] += weight[b];
    }
};

// The forest of merges, built up from the articles; node n + j is merge j. Its members are linked
// from the first to the last, and on to those of the nodes that it was merged with.
struct Forest {
    Graph graph;
    View<const f64> sizes;
    i64 n;
    // By article: the chances summed over all articles and over its group so far, and that group.
    Vector<f64> total, within;
    Vector<i64> group, nexts;
    // By node.
    Vector<i64> firsts, lasts;
    Vector<f64> size, best;
    Flags whole, inner;

    Forest(const Graph &graph, View<const f64> sizes, i64 merges)
        : graph(graph), sizes(sizes), n(graph.size()), total(sizes.begin(), sizes.end()),
          within(total), group(counted<i64>(n)), nexts(n, -1), firsts(n + merges),
          lasts(n + merges), size(n + merges), best(n + merges), whole(n + merges, true),
          inner(n + merges) {
        for (i64 i = 0; i < n; i++) {
            for (i64 k = graph.bounds[i]; k < graph.bounds[i + 1]; k++)
                total[i] += graph.chances[k] * sizes[graph.neighbours[k]];
            firsts[i] = lasts[i] = i;
            size[i] = sizes[i];
            best[i] = expected(i, i);
        }
    }

    // Expected F1 of an article in the group of `node`, as often as it was printed.
    f64 expected(i64 article, i64 node) const {
        return sizes[article] * 2.0 * within[article] / (size[node] + total[article]);
    }

    // Makes node `c` of two others, and finds whether it is best left whole.
    void merge(i64 a, i64 b, i64 c) {
        inner[a] = inner[b] = true;
        for (i64 node = firsts[b];; node = nexts[node]) {
            for (i64 k = graph.bounds[node]; k < graph.bounds[node + 1]; k++) {
                const i32 other = graph.neighbours[k];
                if (group[other] != a) continue;
                within[node] += graph.chances[k] * sizes[other];
                within[other] += graph.chances[k] * sizes[node];
            }
            if (node == lasts[b]) break;
        }
        nexts[lasts[a]] = firsts[b];
        firsts[c] = firsts[a];
        lasts[c] = lasts[b];
        size[c] = size[a] + size[b];
        f64 value = 0.0;
        for (i64 node = firsts[c];; node = nexts[node]) {
            group[node] = c;
            value += expected(node, c);
            if (node == lasts[c]) break;
        }
        best[c] = std::max(value, best[a] + best[b]);
        whole[c] = value >= best[a] + best[b];
    }

    // Gives the members of a node their lowest index as label.
    void name(i64 node, Vector<i32> &labels) const {
        i64 lowest = firsts[node];
        for (i64 member = firsts[node]; member != lasts[node];) {
            member = nexts[member];
            lowest = std::min(lowest, member);
        }
        for (i64 member = firsts[node];; member = nexts[member]) {
            labels[member] = static_cast<i32>(lowest);
            if (member == lasts[node]) break;
        }
    }
};

}  // namespace

Table<i32> average_tree(View<const i32> neighbours, View<const f64> chances,
                        View<const i64> bounds, View<const f64> sizes, f64 floor) {
    const Graph graph = {neighbours, chances, bounds};
    const i64 n = graph.size();
    Clusters clusters(graph, sizes);
    Vector<i64> names = counted<i64>(n), chain;
    Flags on_chain(n);
    Table<i32> merges(0, 2);
    for (i64 start = 0; start < n; start++) {
        if (clusters.owner[start] != start) continue;
        chain.clear();
        chain.push_back(start);
        on_chain[start] = true;
        while (!chain.empty()) {
            const i64 length = static_cast<i64>(chain.size());
            const i64 current = chain[length - 1], back = length > 1 ? chain[length - 2] : -1;
            const Nearest best = clusters.nearest(current, back, on_chain);
            if (best.cluster < 0 || best.mean < floor) break;
            if (best.cluster != back) {
                chain.push_back(best.cluster);
                on_chain[best.cluster] = true;
                continue;
            }
            const i64 a = std::min(current, back), b = std::max(current, back);
            merges.append({static_cast<i32>(names[a]), static_cast<i32>(names[b])});
            names[a] = n + merges.rows - 1;
            clusters.merge(a, b);
            on_chain[current] = on_chain[back] = false;
            chain.resize(static_cast<std::size_t>(length - 2));
            if (chain.empty() && a == start) {
                chain.push_back(a);
                on_chain[a] = true;
            }
        }
    }
    return merges;
}

Vector<i32> best_partition(View2<const i32> merges, View<const i32> neighbours,
                           View<const f64> chances, View<const i64> bounds,
                           View<const f64> sizes) {
    const Graph graph = {neighbours, chances, bounds};
    const i64 n = graph.size();
    Forest forest(graph, sizes, merges.rows);
    for (i64 j = 0; j < merges.rows; j++) forest.merge(merges(j, 0), merges(j, 1), n + j);
    Vector<i32> labels = counted<i32>(n);
    Vector<i64> waiting;
    for (i64 root = 0; root < n + merges.rows; root++) {
        if (forest.inner[root]) continue;
        waiting.push_back(root);
        while (!waiting.empty()) {
            const i64 node = waiting.back();
            waiting.pop_back();
            if (node >= n && !forest.whole[node]) {
                waiting.push_back(merges(node - n, 0));
                waiting.push_back(merges(node - n, 1));
            } else {
                forest.name(node, labels);
            }
        }
    }
    return labels;
}

std::tuple<Vector<i32>, Vector<f64>, Vector<i64>> adjacency(View2<const i32> pairs,
                                                           View<const f64> values, f64 least,
                                                           i64 n) {
    Vector<i64> bounds(n + 1);
    for (i64 p = 0; p < pairs.rows; p++) {
        if (values[p] < least) continue;
        bounds[pairs(p, 0) + 1]++;
        bounds[pairs(p, 1) + 1]++;
    }
    for (i64 i = 0; i < n; i++) bounds[i + 1] += bounds[i];
    Vector<i64> places(bounds.begin(), bounds.end());
    Vector<i32> neighbours(bounds[n]);
    Vector<f64> held(bounds[n]);
    // Two passes: for row i the partners below i come first, in order, then those above.
    for (const i64 side : {1, 0}) {
        for (i64 p = 0; p < pairs.rows; p++) {
            if (values[p] < least) continue;
            const i64 place = places[pairs(p, side)]++;
            neighbours[place] = pairs(p, 1 - side);
            held[place] = values[p];
        }
    }
    return {std::move(neighbours), std::move(held), std::move(bounds)};
}

void bind_tree(nb::module_ &m) {
    m.def("average_tree", &average_tree, Unlocked(), "neighbours"_a, "chances"_a, "bounds"_a,
          "sizes"_a, "floor"_a, R"(
Merges of average linkage down to a mean of ``floor``: (k, 2), children before parents.

By chains of nearest neighbours (Murtagh 1983), which needs no sorting and no dense matrix. The
graph is given by rows: ``neighbours`` and ``chances``, ragged by ``bounds`` (n + 1,), each pair
from both sides; a pair that is absent has chance 0. ``sizes`` (n,) are the nodes' weights. Node
i < n is article i; node n + j is merge j. Ties go to the cluster whose first article has the lowest
index.)");
    m.def("best_partition", &best_partition, Unlocked(), "merges"_a, "neighbours"_a, "chances"_a,
          "bounds"_a, "sizes"_a, R"(
Labels (n,): the cut of the forest ``merges`` with the highest expected B-cubed F1.

An article's expected F1 in a group K is 2 S / (|K| + T): S the chances summed over K, T over all
articles, itself counted with chance 1. A node stays whole where its sum over articles is at least
that of the best cuts of its two children (after Jansche 2007's expected F-measure).)");
    m.def("adjacency", &adjacency, Unlocked(), "pairs"_a, "values"_a, "least"_a, "n"_a, R"(
The pairs of at least ``least`` from both sides: neighbours, values, bounds (n + 1,).

Rows keep the order of the pairs: partners before the article first, then those after it.)");
}

}  // namespace dedupe
