// sanitized.h - whether tests run in a build that looks at each access, which takes some thirty times as long.
// Invariant: what a test looks at stays the same there; only how often, and how long it is waited for, may follow it.
#pragma once

namespace inlay {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define INLAY_IS_SANITIZED 1
#endif
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(INLAY_IS_SANITIZED)
inline constexpr bool kIsSanitized = true;
#else
inline constexpr bool kIsSanitized = false;
#endif

}  // namespace inlay
