// counted.h - reference counting for everything a value can hold.
// Counts are plain while one thread owns the object and atomic once it is marked shared (negative counts): an atomic
// pair costs twenty times a plain one, and almost nothing is shared. Counts are 64-bit: a list of 32 GiB holds one
// value more often than 32 bits can count. Invariant: count > 0: owned by one thread; count < 0: shared by several,
// -count holders.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace inlay {

/// Whether this build never updates in place (Meson's option always_copy): every update must give the same values then.
#ifdef INLAY_ALWAYS_COPY
inline constexpr bool always_copy = true;
#else
inline constexpr bool always_copy = false;
#endif

class Counted {
 public:
  /// As wide as an address: there is no room for more holders than it counts.
  using Count = std::int64_t;
  static_assert(sizeof(Count) >= sizeof(void*));

  Counted() = default;
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

  void retain() const {
    const Count count = seen();
    if (count > 0)
      count_ = count + 1;
    else
      std::atomic_ref(count_).fetch_sub(1, std::memory_order_relaxed);
  }
  /// True if that was the last holder.
  [[nodiscard]] bool release() const {
    const Count count = seen();
    if (count > 0) return (count_ = count - 1) == 0;
    return std::atomic_ref(count_).fetch_add(1, std::memory_order_acq_rel) == -1;
  }
  /// Whether exactly one holder is left. The one predicate in front of every update in place.
  [[nodiscard]] bool unique() const {
    if constexpr (always_copy) return false;
    const Count count = seen();
    return count == 1 || (count == -1 && std::atomic_ref(count_).load(std::memory_order_acquire) == -1);
  }
  /// From now on counted atomically: several threads may hold it. Call before another thread can see it.
  void share() const {
    const Count count = seen();
    if (count > 0) count_ = -count;
  }

 protected:
  ~Counted() = default;

 private:
  /// The count as it was a moment ago: its sign does not change once another thread can see it.
  [[nodiscard]] Count seen() const { return std::atomic_ref(count_).load(std::memory_order_relaxed); }

  mutable Count count_ = 1;
};

/// Owning handle to a Counted; `destroy(T*)` is found by argument-dependent lookup.
template <class T>
class Ref {
 public:
  Ref() = default;
  /// Takes over the count the object was born with.
  static Ref adopt(T* object) {
    Ref r;
    r.object_ = object;
    return r;
  }
  /// One more holder.
  static Ref of(T* object) {
    if (object) object->retain();
    return adopt(object);
  }
  Ref(const Ref& other) : object_(other.object_) {
    if (object_) object_->retain();
  }
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_ && object_->release()) destroy(object_);
  }

  [[nodiscard]] T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }
  /// Gives the count away.
  [[nodiscard]] T* detach() { return std::exchange(object_, nullptr); }

 private:
  T* object_ = nullptr;
};

}  // namespace inlay
