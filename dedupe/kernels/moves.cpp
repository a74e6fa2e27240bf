// Single articles moved between groups where that raises the expected B-cubed F1.
#include "linkage.h"
#include "tree.h"

namespace dedupe {
namespace {

// A move that gains less than this is one by rounding.
constexpr f64 LEAST_GAIN = 1e-9;

// Expected F1 of an article in a group: 2 S / (|K| + T).
f64 expected(f64 within, f64 size, f64 total) { return 2.0 * within / (size + total); }

// The groups that `labels` name, and what moves between them need.
struct Groups {
    Graph graph;
    View<const f64> sizes;
    View<i32> labels;
    i64 n;
    // The members of a group are linked both ways, from its first; -1 where there is none.
    Vector<i64> firsts, following, previous;
    // By group: its size. By article: chances summed over its group, and over all articles.
    Vector<f64> size, within, total;
    // Scratch, all 0 between moves: the chances of one article, and of it to each group.
    Vector<f64> chance, shared;

    Groups(const Graph &graph, View<const f64> sizes, View<i32> labels)
        : graph(graph), sizes(sizes), labels(labels), n(labels.size), firsts(n, -1),
          following(n, -1), previous(n, -1), size(n), within(sizes.begin(), sizes.end()),
          total(within), chance(n), shared(n) {
        for (i64 i = n - 1; i >= 0; i--) {
            const i32 group = labels[i];
            put(i, group);
            size[group] += sizes[i];
            for (i64 k = graph.bounds[i]; k < graph.bounds[i + 1]; k++) {
                const i32 other = graph.neighbours[k];
                total[i] += graph.chances[k] * sizes[other];
                if (labels[other] == group) within[i] += graph.chances[k] * sizes[other];
            }
        }
    }

    // Puts an article at the head of a group's list.
    void put(i64 i, i64 group) {
        previous[i] = -1;
        following[i] = firsts[group];
        if (firsts[group] >= 0) previous[firsts[group]] = i;
        firsts[group] = i;
    }

    // Takes an article out of its group's list.
    void take_out(i64 i, i64 group) {
        if (previous[i] >= 0)
            following[previous[i]] = following[i];
        else
            firsts[group] = following[i];
        if (following[i] >= 0) previous[following[i]] = previous[i];
    }

    // What the others of its group gain in sum, and it loses, when `i` leaves it.
    f64 leaving_gain(i64 i, i64 home) const {
        f64 gain = -sizes[i] * expected(within[i], size[home], total[i]);
        for (i64 j = firsts[home]; j >= 0; j = following[j]) {
            if (j == i) continue;
            const f64 left =
                expected(within[j] - chance[j] * sizes[i], size[home] - sizes[i], total[j]);
            gain += sizes[j] * (left - expected(within[j], size[home], total[j]));
        }
        return gain;
    }

    // What a group gains in sum when `i` joins it, with the share of `i` itself.
    f64 joining_gain(i64 i, i64 group) const {
        f64 own = sizes[i], gain = 0.0;
        for (i64 j = firsts[group]; j >= 0; j = following[j]) {
            const f64 joined =
                expected(within[j] + chance[j] * sizes[i], size[group] + sizes[i], total[j]);
            gain += sizes[j] * (joined - expected(within[j], size[group], total[j]));
            own += chance[j] * sizes[j];
        }
        return gain + sizes[i] * expected(own, size[group] + sizes[i], total[i]);
    }

    // The group among its neighbours', other than `home`, where `i` would be best off; -1 where it
    // has no such neighbour.
    i64 likeliest(i64 i, i64 home) {
        const i64 start = graph.bounds[i], end = graph.bounds[i + 1];
        for (i64 k = start; k < end; k++) {
            const i32 other = graph.neighbours[k];
            shared[labels[other]] += graph.chances[k] * sizes[other];
        }
        f64 best = 0.0;
        i64 found = -1;
        for (i64 k = start; k < end; k++) {
            const i64 group = labels[graph.neighbours[k]];
            if (group == home) continue;
            const f64 value =
                expected(sizes[i] + shared[group], size[group] + sizes[i], total[i]);
            if (value > best || (value == best && group < found)) {
                best = value;
                found = group;
            }
        }
        for (i64 k = start; k < end; k++) shared[labels[graph.neighbours[k]]] = 0.0;
        return found;
    }

    // A name that no group has: that of this article, or of an emptied one.
    i64 free_name(i64 i) const {
        if (firsts[i] < 0) return i;
        for (i64 group = 0; group < n; group++)
            if (firsts[group] < 0) return group;
        return -1;
    }

    // The group where `i` gains most, which may be one of its own; -1 to stay. Takes the chances of
    // `i` spread out in `chance`.
    i64 better(i64 i) {
        const i64 home = labels[i];
        const f64 base = leaving_gain(i, home);
        f64 best = LEAST_GAIN;
        bool parts = false;
        const f64 alone = base + sizes[i] * expected(sizes[i], sizes[i], total[i]);
        if (alone > best && size[home] > sizes[i]) {
            best = alone;
            parts = true;
        }
        const i64 group = likeliest(i, home);
        if (group >= 0 && base + joining_gain(i, group) > best) return group;
        return parts ? free_name(i) : -1;
    }

    void move(i64 i, i64 where) {
        const i64 home = labels[i];
        take_out(i, home);
        put(i, where);
        labels[i] = static_cast<i32>(where);
        size[home] -= sizes[i];
        size[where] += sizes[i];
        within[i] = sizes[i];
        for (i64 k = graph.bounds[i]; k < graph.bounds[i + 1]; k++) {
            const i32 j = graph.neighbours[k];
            if (labels[j] == home) {
                within[j] -= graph.chances[k] * sizes[i];
            } else if (labels[j] == where) {
                within[j] += graph.chances[k] * sizes[i];
                within[i] += graph.chances[k] * sizes[j];
            }
        }
    }

    // Moves each article that gains by it, in order; whether one did.
    bool improved() {
        bool moved = false;
        for (i64 i = 0; i < n; i++) {
            const i64 start = graph.bounds[i], end = graph.bounds[i + 1];
            if (start == end) continue;
            for (i64 k = start; k < end; k++) chance[graph.neighbours[k]] = graph.chances[k];
            const i64 where = better(i);
            if (where >= 0) {
                move(i, where);
                moved = true;
            }
            for (i64 k = start; k < end; k++) chance[graph.neighbours[k]] = 0.0;
        }
        return moved;
    }
};

void improve(View<i32> labels, View<const i32> neighbours, View<const f64> chances,
             View<const i64> bounds, View<const f64> sizes, i64 rounds) {
    Groups groups({neighbours, chances, bounds}, sizes, labels);
    for (i64 round = 0; round < rounds; round++)
        if (!groups.improved()) break;
}

Vector<i32> partitioned(View2<const i32> pairs, View<const f64> chances, View<const f64> sizes,
                        f64 least, f64 floor, i64 rounds) {
    const auto [neighbours, near, bounds] = adjacency(pairs, chances, least, sizes.size);
    const Table<i32> merges = average_tree(neighbours, near, bounds, sizes, floor);
    Vector<i32> labels = best_partition(merges.view(), neighbours, near, bounds, sizes);
    improve(labels, neighbours, near, bounds, sizes, rounds);
    // Where the article that tied two parts together has moved away, they part.
    Table<i32> tied(0, 2);
    for (i64 p = 0; p < pairs.rows; p++)
        if (labels[pairs(p, 0)] == labels[pairs(p, 1)] && chances[p] >= least)
            tied.append({pairs(p, 0), pairs(p, 1)});
    return connected(sizes.size, tied.view());
}

}  // namespace

void bind_moves(nb::module_ &m) {
    m.def("improve", &improve, Unlocked(), "labels"_a, "neighbours"_a, "chances"_a, "bounds"_a,
          "sizes"_a, "rounds"_a, R"(
Moves articles one by one, in order, to where the sum of expected F1 gains most.

That is the group in which its own expected F1 is highest, or one of its own. ``labels`` (n,) name
groups by a number below n and are changed in place; at most ``rounds`` times through. The graph is
given as to average_tree. The tree can't take back an early merge; this can (Kernighan & Lin 1970, a
vertex at a time).)");
    m.def("partitioned", &partitioned, Unlocked(), "pairs"_a, "chances"_a, "sizes"_a, "least"_a,
          "floor"_a, "rounds"_a, R"(
Labels (n,): the tree's best partition, improved article by article.

``pairs`` (m, 2) of less than the chance ``least`` don't count; ``floor`` as in average_tree,
``rounds`` as in improve.)");
}

}  // namespace dedupe
