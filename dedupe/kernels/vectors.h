// Signatures, value by value: what is worth a version for each instruction set.
#pragma once

#include "array.h"

namespace dedupe {

// How many values two signatures share: Jaccard times their length, estimated.
i64 agreeing(View<const u32> a, View<const u32> b);

// MinHash signatures, as the docstring of the binding in the room of texts says.
void minhash(View<const u32> values, View<const i64> starts, View<const u32> multipliers,
             View<const u32> increments, View2<u32> signatures);

}  // namespace dedupe
