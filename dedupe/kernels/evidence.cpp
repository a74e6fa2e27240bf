// Names and numbers that two articles share, by the weight of what they tell.
//
// Marked rows are ragged arrays: columns, ascending in each row, masses (IDF) and flags, bounded by
// bounds (n + 1,).
#include "evidence.h"

#include <cmath>

#include "shared.h"
#include "terms.h"
#include "text.h"

namespace dedupe {

Rows marked_rows(View<const u32> columns, View<const u8> flags, View<const i64> bounds,
                 View<const bool> left_out, View<const u8> kinds, View<const i64> spoken,
                 View2<const f32> idf) {
    const auto lead = [flags](i64 k) { return static_cast<u8>(flags[k] & (TITLE | LEAD)); };
    return marked_rows_of(columns, bounds, left_out, kinds, spoken, idf, lead);
}

namespace {

// Added to each mass that is divided by: about the IDF of one middling term.
constexpr f32 SMOOTHING = 5;
// The same of titles, which are short.
constexpr f32 TITLE_SMOOTHING = 3;
// Share of names in common that speaks neither for one story nor against it.
constexpr f32 NAMES_USUAL = 0.4f;

// Ragged rows that others own.
struct Entries {
    View<const u32> columns;
    View<const f32> values;
    View<const u8> marks;
    View<const i64> bounds;

    // Says that the second row of the pair after this one is read soon.
    void fetch_next(View2<const i32> pairs, i64 p) const {
        if (p + 1 == pairs.rows) return;
        const i64 start = bounds[pairs(p + 1, 1)], end = bounds[pairs(p + 1, 1) + 1];
        fetch(columns, start, end);
        fetch(values, start, end);
        fetch(marks, start, end);
    }
};

// What a row has in a column: a value other than 0, its marks, and the column's kind.
struct Held {
    f32 value = 0;
    u8 mark = 0, kind = 0;
};

// One row, laid out over all columns, so that the rows after it look up what they share with it.
struct Spread {
    Vector<Held> columns;
    View<const u8> kinds;  // of the columns, or none
    Present present;       // those whose value is not 0
    i64 current = -1;

    explicit Spread(i64 width, View<const u8> kinds = {})
        : columns(width), kinds(kinds), present(width) {}

    // The places of those entries of a row whose column the current row has, in order.
    View<const i64> common(const Entries &rows, i64 row) {
        return present.common(rows.columns, rows.bounds[row], rows.bounds[row + 1]);
    }

    void lay(const Entries &rows, i64 row) {
        if (row == current) return;
        if (current >= 0)
            present.clear(rows.columns.slice(rows.bounds[current], rows.bounds[current + 1]));
        for (i64 k = rows.bounds[row]; k < rows.bounds[row + 1]; k++) {
            const u32 column = rows.columns[k];
            const u8 kind = kinds.size ? kinds[column] : u8{0};
            columns[column] = {rows.values[k], rows.marks[k], kind};
            if (rows.values[k] != 0) present.put(column);
        }
        current = row;
    }
};

Table<f32> row_masses(View<const f32> masses, View<const u8> flags, View<const i64> bounds) {
    Table<f32> found(bounds.size - 1, 4);
    for (i64 row = 0; row < found.rows; row++) {
        for (i64 k = bounds[row]; k < bounds[row + 1]; k++) {
            const i64 kind = flags[k] & NUMBER ? 1 : 0;
            found(row, kind) += masses[k];
            if (flags[k] & (TITLE | LEAD)) found(row, 2 + kind) += masses[k];
        }
    }
    return found;
}

// Masses that two rows share, of names and of numbers.
struct SharedMasses {
    f32 both[2] = {0, 0};
    f32 one[2] = {0, 0}, other[2] = {0, 0};  // what leads the one, and what leads the other
};

SharedMasses shared_masses(Spread &one, const Entries &rows, i64 row) {
    SharedMasses found;
    for (const i64 k : one.common(rows, row)) {
        const Held &held = one.columns[rows.columns[k]];
        const f32 own = held.value, mass = rows.values[k];
        if (!(own > 0)) continue;
        const u8 mark = rows.marks[k];
        const int kind = mark & NUMBER ? 1 : 0;
        found.both[kind] += 0.5f * (own + mass);
        if (held.mark & (TITLE | LEAD)) found.one[kind] += own;
        if (mark & (TITLE | LEAD)) found.other[kind] += mass;
    }
    return found;
}

void shared_evidence(View<const u32> columns, View<const f32> masses, View<const u8> flags,
                     View<const i64> bounds, View2<const f32> totals, i64 width,
                     View2<const i32> pairs, View2<f32> found) {
    const Entries rows{columns, masses, flags, bounds};
    Spread spread(width);
    for (i64 p = 0; p < pairs.rows; p++) {
        rows.fetch_next(pairs, p);
        spread.lay(rows, pairs(p, 0));
        const SharedMasses shared = shared_masses(spread, rows, pairs(p, 1));
        const View<const f32> a = totals[pairs(p, 0)], b = totals[pairs(p, 1)];
        found(p, 0) = 0;
        if (a[0] > 0 && b[0] > 0)
            found(p, 0) = shared.both[0] / (std::min(a[0], b[0]) + SMOOTHING) - NAMES_USUAL;
        found(p, 1) = shared.both[1] / (a[1] + b[1] - shared.both[1] + SMOOTHING);
        for (i64 kind = 0; kind < 2; kind++) {
            found(p, 2 + kind) = 0;
            if (a[2 + kind] > 0 && b[2 + kind] > 0) {
                const f32 share = std::max(shared.one[kind] / (a[2 + kind] + SMOOTHING),
                                           shared.other[kind] / (b[2 + kind] + SMOOTHING));
                found(p, 2 + kind) = share - 0.5f;
            }
        }
    }
}

// Where what leads a row stands among its row_leads.
constexpr i64 TITLE_SUM = 2, PLAIN_LENGTH = 3, TITLE_NAMES = 4, CODES = 5;

Table<f32> row_leads(View<const u32> columns, View<const f32> values, View<const u8> marks,
                     View<const i64> bounds, View<const u8> kinds, View2<const f32> idf,
                     View<const i64> spoken) {
    Table<f32> found(bounds.size - 1, 6);
    for (i64 row = 0; row < found.rows; row++) {
        const View<const f32> own = idf[spoken[row]];
        f32 title = 0, lead = 0, sum = 0, square = 0, names = 0, codes = 0;
        for (i64 k = bounds[row]; k < bounds[row + 1]; k++) {
            const u8 kind = kinds[columns[k]];
            if (marks[k]) {
                const f32 mass = own[columns[k]];
                lead = std::max(lead, mass);
                if (marks[k] & CODE) codes++;
                if (marks[k] & TITLE) {
                    title = std::max(title, mass);
                    sum += mass;
                    if (kind == NAME) names += mass;
                }
            }
            if (kind == 0) square += values[k] * values[k];
        }
        found(row, 0) = title;
        found(row, 1) = lead;
        found(row, TITLE_SUM) = sum;
        found(row, PLAIN_LENGTH) = std::sqrt(square);
        found(row, TITLE_NAMES) = names;
        found(row, CODES) = codes;
    }
    return found;
}

// What two rows have in common.
struct Common {
    f32 rarest[4] = {0, 0, 0, 0};  // in the title of each, in title and lead of each
    f32 titles = 0, names = 0;     // IDF in both titles, and that of names among it
    f32 whole = 0, most = 0;       // of the cosine: all of it, and of one term at most
    f32 rest = 0;                  // of the cosine: of what is neither name nor number
    bool code = false, coded = false;  // a ticker of one stands in the other; it leads both
};

Common in_common(Spread &one, const Entries &rows, i64 row, View<const f32> idf,
                 View<const f32> other_idf) {
    Common found;
    for (const i64 k : one.common(rows, row)) {
        const u32 column = rows.columns[k];
        const Held &held = one.columns[column];
        const f32 part = held.value * rows.values[k];
        const u8 kind = held.kind, own = held.mark, other = rows.marks[k];
        found.whole += part;
        found.most = std::max(found.most, part);
        if (kind == 0) found.rest += part;
        if (!(own | other)) continue;  // it leads neither
        const f32 mass = 0.5f * (idf[column] + other_idf[column]);
        found.code |= ((own | other) & CODE) != 0;
        found.coded |= (own & other & CODE) != 0;
        if (own & TITLE) found.rarest[0] = std::max(found.rarest[0], mass);
        if (other & TITLE) found.rarest[1] = std::max(found.rarest[1], mass);
        if (own) found.rarest[2] = std::max(found.rarest[2], mass);
        if (other) found.rarest[3] = std::max(found.rarest[3], mass);
        if (own & other & TITLE) {
            found.titles += mass;
            if (kind == NAME) found.names += mass;
        }
    }
    return found;
}

// How far two titles are the same but for names.
f32 same_but_for_names(const Common &common, View<const f32> a, View<const f32> b) {
    if (!(a[TITLE_NAMES] > 0 && b[TITLE_NAMES] > 0)) return 0;
    const f32 most = std::max(a[TITLE_NAMES], b[TITLE_NAMES]);
    const f32 apart = std::max(0.0f, most - common.names);
    const f32 words =
        std::max(a[TITLE_SUM] - a[TITLE_NAMES], b[TITLE_SUM] - b[TITLE_NAMES]) + common.names;
    const f32 names = apart / most;
    return common.titles / (words + TITLE_SMOOTHING) * names;
}

void leading_evidence(View<const u32> columns, View<const f32> values, View<const u8> marks,
                      View<const i64> bounds, View<const u8> kinds, View2<const f32> idf,
                      View<const i64> spoken, View2<const f32> leads, i64 width,
                      View2<const i32> pairs, View2<f32> found) {
    const Entries rows{columns, values, marks, bounds};
    Spread spread(width, kinds);
    for (i64 p = 0; p < pairs.rows; p++) {
        const i64 one = pairs(p, 0), other = pairs(p, 1);
        rows.fetch_next(pairs, p);
        spread.lay(rows, one);
        const Common common =
            in_common(spread, rows, other, idf[spoken[one]], idf[spoken[other]]);
        const View<const f32> a = leads[one], b = leads[other];
        const bool titles = a[TITLE_SUM] > 0 && b[TITLE_SUM] > 0;
        found(p, 0) = -1;
        if (titles)
            found(p, 0) = common.titles / (std::min(a[TITLE_SUM], b[TITLE_SUM]) + TITLE_SMOOTHING);
        f32 best[2] = {0, 0};  // of each
        for (i64 at = titles ? 0 : 2; at < 4; at++) {
            const f32 top = at % 2 == 0 ? a[at / 2] : b[at / 2];
            if (top > 0) best[at % 2] = std::max(best[at % 2], common.rarest[at] / top);
        }
        found(p, 1) = std::min(std::max(best[0], best[1]), 1.0f);
        const f32 length = a[PLAIN_LENGTH] * b[PLAIN_LENGTH];
        found(p, 2) = length > 0 ? common.rest / length : 0.0f;
        found(p, 3) = common.whole > 0 ? common.most / common.whole : 1.0f;
        found(p, 4) = std::min(std::min(best[0], best[1]), 1.0f);
        found(p, 5) = same_but_for_names(common, a, b);
        found(p, 6) = 0;
        if (a[CODES] > 0 && b[CODES] > 0) found(p, 6) = common.coded ? 1.0f : common.code - 1.0f;
    }
}

}  // namespace

void bind_evidence(nb::module_ &m) {
    m.attr("TITLE_SMOOTHING") = TITLE_SMOOTHING;
    m.def("row_masses", &row_masses, Unlocked(), "masses"_a, "flags"_a, "bounds"_a,
          "Mass of the names, numbers, leading names, leading numbers of each row: (n, 4).");
    m.def("shared_evidence", &shared_evidence, Unlocked(), "columns"_a, "masses"_a, "flags"_a,
          "bounds"_a, "totals"_a, "width"_a, "pairs"_a, "found"_a, R"(
Fills ``found`` (m, 4): how far names, numbers, leading names, leading numbers agree.

Names: shared mass over the smaller of the two, less what is usual. Numbers: shared mass over that
of either. What leads: the larger share of one article's that stands anywhere in the other, less a
half. 0 where one article has none (as of names, in scripts without capitals): no evidence.
``totals`` are the row_masses. Marked rows are ragged, bounded by (n + 1,); their columns ascend,
their masses are IDF.)");
    m.def("row_leads", &row_leads, Unlocked(), "columns"_a, "values"_a, "marks"_a, "bounds"_a,
          "kinds"_a, "idf"_a, "spoken"_a, R"(
What leads each row: (n, 6).

The highest IDF of a term of the title, of one of title or lead; the sum of those of the title; the
length of the row without its names and numbers; the sum of the names of the title; how
many tickers. ``values`` and ``marks`` as of unit_rows.)");
    m.def("leading_evidence", &leading_evidence, Unlocked(), "columns"_a, "values"_a, "marks"_a,
          "bounds"_a, "kinds"_a, "idf"_a, "spoken"_a, "leads"_a, "width"_a, "pairs"_a, "found"_a,
          R"(
Fills ``found`` (m, 7): what pairs of rows have in common of what leads them.

Of the terms of both titles the IDF that stands in both, over the smaller sum; -1 where one has no
title. Of each article the rarest term that leads it and that the other has, by its IDF over that of
the rarest that leads it: the higher of the titles, where there are two, and of title and lead; and
of the two articles the higher. The cosine of all that is neither name nor number. The share of the
whole cosine that one term makes: 1 where they have one alone in common. Of what each article's
rarest gave the lower. How far both titles are the same but for names: the share in common of all
but the names that one alone has, times the share that these have of the names; 0 where one title
has no name. Where tickers lead both: 1 if one leads both, -1 if none of either stands in the other,
else 0. ``leads`` are the row_leads.)");
}

}  // namespace dedupe
