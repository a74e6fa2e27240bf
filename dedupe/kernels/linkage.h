// What other rooms share of the linkage.
#pragma once

#include "array.h"

namespace dedupe {

// Labels (n,) of the components that `pairs` (m, 2) make of n articles.
Vector<i32> connected(i64 n, View2<const i32> pairs);

}  // namespace dedupe
