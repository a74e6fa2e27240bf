// Articles among whose neighbours three are told in different parts of it, and not to each other.
#include "postings.h"
#include "tree.h"

namespace dedupe {
namespace {

// How often two rows are neighbours, without a walk through thousands.
//
// What is told of one story by all of n has n neighbours, and is among those of each of these n.
struct Lookup {
    Graph graph;
    // The neighbours of each row, ascending; empty where none has so many that it is needed.
    Vector<i32> ascending;

    explicit Lookup(const Graph &graph) : graph(graph) {
        bool any = false;
        for (i64 row = 0; row < graph.size(); row++) any |= has_many(row);
        if (!any) return;
        ascending.assign(graph.neighbours.begin(), graph.neighbours.end());
        for (i64 row = 0; row < graph.size(); row++)
            std::sort(ascending.begin() + graph.bounds[row],
                      ascending.begin() + graph.bounds[row + 1]);
    }

    i64 degree(i64 row) const { return graph.bounds[row + 1] - graph.bounds[row]; }
    bool has_many(i64 row) const { return degree(row) > 512; }

    i64 times(i32 a, i32 b) const {
        if (degree(a) > degree(b)) std::swap(a, b);
        const auto first = ascending.begin() + graph.bounds[a];
        const auto found = std::equal_range(first, first + degree(a), b);
        return found.second - found.first;
    }
};

// A row's likeliest neighbours, with what is kept from row to row to find them.
struct Likeliest {
    Graph graph;
    const Lookup &lookup;
    f64 near;
    i64 most, alike;
    Vector<i32> chosen;
    // Scratch: places in the row; those chosen that have many neighbours; and of how many of the
    // others that were chosen each row is a neighbour, all 0 between rows.
    Vector<i64> order;
    Vector<i32> large, times;

    Likeliest(const Lookup &lookup, f64 near, i64 most, i64 alike)
        : graph(lookup.graph), lookup(lookup), near(near), most(most), alike(alike),
          times(graph.size()) {}

    // Chooses those with a chance of `near` or more, the `most` likeliest, in order.
    //
    // One that `alike` of those before it are neighbours of is passed over, or a story that is told
    // often would hide the others.
    void choose(i64 row) {
        order.clear();
        for (i64 k = graph.bounds[row]; k < graph.bounds[row + 1]; k++)
            if (!(graph.chances[k] < near)) order.push_back(k);
        std::sort(order.begin(), order.end(), [this](i64 a, i64 b) {
            const f64 one = graph.chances[a], other = graph.chances[b];
            return one > other || (one == other && a < b);
        });
        chosen.clear();
        large.clear();
        for (const i64 k : order) {
            const i32 other = graph.neighbours[k];
            if (static_cast<i64>(chosen.size()) == most) break;
            i64 met = times[other];
            for (std::size_t c = 0; c < large.size() && met < alike; c++)
                met += lookup.times(large[c], other);
            if (met >= alike) continue;
            chosen.push_back(other);
            if (lookup.has_many(other)) {
                large.push_back(other);
                continue;
            }
            for (i64 j = graph.bounds[other]; j < graph.bounds[other + 1]; j++)
                times[graph.neighbours[j]]++;
        }
        for (const i32 other : chosen) {
            if (lookup.has_many(other)) continue;
            for (i64 j = graph.bounds[other]; j < graph.bounds[other + 1]; j++)
                times[graph.neighbours[j]] = 0;
        }
    }
};

// Which of a few chosen rows are linked, each with itself.
struct Links {
    Graph graph;
    const Lookup &lookup;
    i64 size = 0;
    // Whether, by two of the chosen, row by row.
    Vector<u8> linked;
    // Scratch: which of the chosen a row is, all -1 between uses.
    Vector<i32> places;
    // Scratch of `parts`.
    Vector<i64> waiting;
    Vector<u8> met;

    explicit Links(const Lookup &lookup)
        : graph(lookup.graph), lookup(lookup), places(graph.size(), -1) {}

    bool has(i64 a, i64 b) const { return linked[a * size + b]; }
    void link(i64 a, i64 b) { linked[a * size + b] = linked[b * size + a] = 1; }

    // Links those that are neighbours of each other.
    void among(View<const i32> chosen) {
        size = chosen.size;
        linked.assign(static_cast<std::size_t>(size * size), 0);
        for (i64 a = 0; a < size; a++) {
            link(a, a);
            places[chosen[a]] = static_cast<i32>(a);
        }
        for (i64 a = 0; a < size; a++) {
            if (lookup.has_many(chosen[a])) {
                for (i64 b = 0; b < size; b++)
                    if (lookup.times(chosen[a], chosen[b])) link(a, b);
                continue;
            }
            for (i64 k = graph.bounds[chosen[a]]; k < graph.bounds[chosen[a] + 1]; k++) {
                const i32 place = places[graph.neighbours[k]];
                if (place >= 0) link(a, place);
            }
        }
        for (i64 a = 0; a < size; a++) places[chosen[a]] = -1;
    }

    // Whether of three, one of them `fresh` (k,), no two are linked.
    bool three_apart(View<const u8> fresh) const {
        for (i64 a = 0; a < size; a++) {
            for (i64 b = a + 1; b < size; b++) {
                if (has(a, b)) continue;
                for (i64 c = b + 1; c < size; c++) {
                    const bool told = fresh[a] || fresh[b] || fresh[c];
                    if (told && !has(a, c) && !has(b, c)) return true;
                }
            }
        }
        return false;
    }

    // How many groups the links leave, taken one after the other.
    i64 parts() {
        i64 count = 0;
        met.assign(static_cast<std::size_t>(size), 0);
        for (i64 start = 0; start < size; start++) {
            if (met[start]) continue;
            count++;
            met[start] = 1;
            waiting.push_back(start);
            while (!waiting.empty()) {
                const i64 current = waiting.back();
                waiting.pop_back();
                for (i64 other = 0; other < size; other++) {
                    if (!has(current, other) || met[other]) continue;
                    met[other] = 1;
                    waiting.push_back(other);
                }
            }
        }
        return count;
    }
};

// TF-IDF rows as in Weights, and what others add to their cosines with one of them.
struct SharedParts {
    View<const u32> columns;
    View<const f32> values;
    View<const i64> ends;
    // By chosen row what it adds, by the terms of the one; and that summed.
    i64 terms = 0;
    Vector<f32> parts, sums;
    // Scratch: the place of a column among the terms, all -1 between rows.
    Vector<i32> spread;

    SharedParts(View<const u32> columns, View<const f32> values, View<const i64> ends, i64 width)
        : columns(columns), values(values), ends(ends), spread(width, -1) {}

    // What each `chosen` row adds to its cosine with `row`, by the terms of that.
    void of(i64 row, View<const i32> chosen) {
        const i64 first = ends[row], last = ends[row + 1];
        terms = last - first;
        for (i64 k = first; k < last; k++) spread[columns[k]] = static_cast<i32>(k - first);
        parts.assign(static_cast<std::size_t>(chosen.size * terms), 0.0f);
        for (i64 a = 0; a < chosen.size; a++) {
            for (i64 k = ends[chosen[a]]; k < ends[chosen[a] + 1]; k++) {
                const i32 at = spread[columns[k]];
                if (at >= 0) parts[a * terms + at] = values[first + at] * values[k];
            }
        }
        for (i64 k = first; k < last; k++) spread[columns[k]] = -1;
        sums.assign(static_cast<std::size_t>(chosen.size), 0.0f);
        for (i64 a = 0; a < chosen.size; a++)
            for (i64 k = 0; k < terms; k++) sums[a] += parts[a * terms + k];
    }

    // Links two whose parts have more than `most_shared` of the smaller in common.
    void link(Links &links, f64 most_shared) const {
        for (i64 a = 0; a < links.size; a++) {
            for (i64 b = 0; b < a; b++) {
                if (links.has(a, b)) continue;
                f32 both = 0.0f;
                for (i64 k = 0; k < terms; k++)
                    both += std::min(parts[a * terms + k], parts[b * terms + k]);
                if (both > most_shared * std::min(sums[a], sums[b])) links.link(a, b);
            }
        }
    }
};

Flags suspected(View<const i32> neighbours, View<const f64> chances, View<const i64> bounds,
                f64 near, i64 most, i64 alike, i64 fresh) {
    const Graph graph = {neighbours, chances, bounds};
    Flags found(graph.size());
    const Lookup lookup(graph);
    Likeliest likeliest(lookup, near, most, alike);
    Links links(lookup);
    Vector<u8> told;
    for (i64 row = 0; row < graph.size(); row++) {
        if (bounds[row + 1] - bounds[row] < 3) continue;
        likeliest.choose(row);
        if (likeliest.chosen.size() < 3) continue;
        links.among(likeliest.chosen);
        told.clear();
        for (const i32 other : likeliest.chosen) told.push_back(other < fresh || row < fresh);
        found[row] = links.three_apart(told);
    }
    return found;
}

Flags looked_at(View<const i32> neighbours, View<const f64> chances, View<const i64> bounds,
                f64 near, i64 most, i64 alike, View<const i64> rows) {
    const Graph graph = {neighbours, chances, bounds};
    Flags found(graph.size());
    const Lookup lookup(graph);
    Likeliest likeliest(lookup, near, most, alike);
    for (const i64 row : rows) {
        found[row] = true;
        likeliest.choose(row);
        for (const i32 other : likeliest.chosen) found[other] = true;
    }
    return found;
}

Flags confirmed(View<const i32> neighbours, View<const f64> chances, View<const i64> bounds,
                f64 near, i64 most, i64 alike, View<const i64> suspects,
                const std::tuple<View<const u32>, View<const f32>, View<const i64>> &rows,
                i64 width, f64 most_shared, View<const bool> likely) {
    const Graph graph = {neighbours, chances, bounds};
    const auto &[columns, values, ends] = rows;
    demand(likely.size == 0 || likely.size == graph.size(), "not one answer a row");
    Flags found(suspects.size);
    const Lookup lookup(graph);
    Likeliest likeliest(lookup, near, most, alike);
    Links links(lookup);
    SharedParts shared(columns, values, ends, width);
    const Vector<u8> every(most, 1);
    for (i64 s = 0; s < suspects.size; s++) {
        const i64 row = suspects[s];
        likeliest.choose(row);
        Vector<i32> &chosen = likeliest.chosen;
        if (likely.size) std::erase_if(chosen, [&](i32 other) { return likely[other]; });
        links.among(chosen);
        shared.of(row, chosen);
        shared.link(links, most_shared);
        found[s] = likely.size ? links.parts() >= 3 : links.three_apart(every);
    }
    return found;
}

}  // namespace

void bind_digests(nb::module_ &m) {
    m.def("suspected", &suspected, Unlocked(), "neighbours"_a, "chances"_a, "bounds"_a, "near"_a,
          "most"_a, "alike"_a, "new"_a, R"(
Rows that have three neighbours of ``near`` or more without a link: (n,).

Neighbours are rows as of ``tree.adjacency``, ragged by ``bounds``. The ``most`` likeliest are looked
at, but none that ``alike`` of those before it are neighbours of. Of rows from ``new`` on those alone
of which one of the three is before it.)");
    m.def("looked_at", &looked_at, Unlocked(), "neighbours"_a, "chances"_a, "bounds"_a, "near"_a,
          "most"_a, "alike"_a, "rows"_a,
          "Which of n rows ``confirmed`` looks at for these ``rows`` (s,): (n,).");
    m.def("confirmed", &confirmed, Unlocked(), "neighbours"_a, "chances"_a, "bounds"_a, "near"_a,
          "most"_a, "alike"_a, "suspects"_a, "rows"_a, "width"_a, "most_shared"_a, "likely"_a, R"(
Which of the ``suspects`` (s,) tell three stories in different parts: (s,).

``rows`` are columns, values and bounds of TF-IDF rows over ``width`` columns. Three neighbours must
be told apart, no two of them linked. Who has those may itself be a digest: where it is known which
of all rows have, ``likely`` (n,) or empty, these tie none of the others, and three groups must be
left.)");
}

}  // namespace dedupe
