// The rooms of the extension module, and what binds the kernels of each.
#pragma once

#include <nanobind/nanobind.h>

namespace dedupe {

struct Room {
    const char *name, *doc;
    void (*bind)(nanobind::module_ &);
};

void bind_articles(nanobind::module_ &);
void bind_text(nanobind::module_ &);
void bind_vectors(nanobind::module_ &);
void bind_terms(nanobind::module_ &);
void bind_parting(nanobind::module_ &);
void bind_lines(nanobind::module_ &);
void bind_bands(nanobind::module_ &);
void bind_postings(nanobind::module_ &);
void bind_pairs(nanobind::module_ &);
void bind_weights(nanobind::module_ &);
void bind_weigh(nanobind::module_ &);
void bind_evidence(nanobind::module_ &);
void bind_story(nanobind::module_ &);
void bind_furniture(nanobind::module_ &);
void bind_linkage(nanobind::module_ &);
void bind_tree(nanobind::module_ &);
void bind_moves(nanobind::module_ &);
void bind_digests(nanobind::module_ &);
void bind_novelty(nanobind::module_ &);
void bind_incoming(nanobind::module_ &);
void bind_kept(nanobind::module_ &);
void bind_sums(nanobind::module_ &);

inline const Room ROOMS[] = {
    {"articles", "JSON Lines of articles, of the usual shape, straight into columns.",
     bind_articles},
    {"text", "Text to tokens, shingles and signatures, as dedupe.text says it.", bind_text},
    {"vectors", "Loops with a form for each set of vector instructions, chosen at run time.",
     bind_vectors},
    {"terms", "Tokens to hashed term counts; the language of a text.", bind_terms},
    {"parting", "Where lines begin and titles end: at line breaks, and at signs that part.",
     bind_parting},
    {"lines", "Lines of articles: which of them recur, and term counts without those.", bind_lines},
    {"bands", "Signatures to candidate pairs: locality-sensitive hashing by sorting.", bind_bands},
    {"postings", "Which entries hold a key: sorted postings.", bind_postings},
    {"pairs", "Exact comparison of pairs: overlaps of sets, pairs that meet.", bind_pairs},
    {"weights", "Sparse weight rows: their heaviest terms, pairs that share some, cosines of pairs.",
     bind_weights},
    {"weigh", "Document frequencies in one hash table, and term counts to TF-IDF rows.",
     bind_weigh},
    {"evidence", "Names and numbers that two articles share, by the weight of what they tell.",
     bind_evidence},
    {"story", "From cosines to story scores: each pair against what is usual around its articles.",
     bind_story},
    {"furniture", "Terms that a group of articles has in common, and how alike their holders are.",
     bind_furniture},
    {"linkage", "Hierarchical clustering of one small component, from its similarity matrix.",
     bind_linkage},
    {"tree", "Average-linkage trees of a sparse graph, and their best partition.", bind_tree},
    {"moves", "Single articles moved between groups where that raises the expected B-cubed F1.",
     bind_moves},
    {"digests", "Articles among whose neighbours three are told in different parts of it.",
     bind_digests},
    {"novelty", "Two texts side by side: which of one's words stand in the other.", bind_novelty},
    {"incoming", "What comes in against what is stored: stored sketches read, candidates counted.",
     bind_incoming},
    {"kept", "Rows of bytes in a ring: the latest that were written are there, by their ids.",
     bind_kept},
    {"sums", "A sum in each page of a file of SQLite: what is read is what was written.", bind_sums},
};

}  // namespace dedupe
