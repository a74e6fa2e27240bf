// Text to tokens: what the kernels of other rooms share with it.
#pragma once

#include "array.h"

namespace dedupe {

// Flags of a token.
inline constexpr u8 NAME = 1, IDEOGRAPHIC = 2, SYLLABIC = 4, JOINED = 8, NUMBER = 16, TICKER = 32;
inline constexpr u8 NEWLINE = 10;

inline constexpr u64 SHINGLE_BASE = 0x9E3779B97F4A7C15, GRAM_BASE = 0xC2B2AE3D27D4EB4F,
                     CONTENT_BASE = 0x165667B19E3779F9;

// The finaliser of MurmurHash3, 64 bits.
inline u64 mix(u64 value) {
    value = (value ^ (value >> 33)) * 0xFF51AFD7ED558CCDull;
    value = (value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53ull;
    return value ^ (value >> 33);
}

// The finaliser of MurmurHash3, 32 bits: datasketch mixes each input with it (affine32).
inline u32 spread(u32 value) {
    value = (value ^ (value >> 16)) * 0x85EBCA6B;
    value = (value ^ (value >> 13)) * 0xC2B2AE35;
    return value ^ (value >> 16);
}

}  // namespace dedupe
