// registry.h - which objects of a kind an evaluator has alive: cells, whose cycles it breaks at its end, and
// generators, which a snapshot puts back wherever they are held. Invariant: an object is in one registry at most,
// leaves it at its own end, and may outlive it.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace inlay {

template <class T>
class Registry;

/// What a registered T derives from: `struct CellObject final : Object, Registered<CellObject>`.
template <class T>
class Registered {
 public:
  Registered() = default;
  Registered(const Registered&) = delete;
  Registered& operator=(const Registered&) = delete;

 protected:
  ~Registered() {
    if (registry_ != nullptr) registry_->remove(*this);
  }

 private:
  friend class Registry<T>;
  Registry<T>* registry_ = nullptr;
  std::size_t position_ = 0;
};

template <class T>
class Registry {
 public:
  Registry() = default;
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;
  /// Objects that are still alive go on without it.
  ~Registry() {
    for (T* object : objects_) entry(*object).registry_ = nullptr;
  }

  void add(T& object) {
    objects_.push_back(&object);
    entry(object).registry_ = this;
    entry(object).position_ = objects_.size() - 1;
  }
  /// In no order.
  [[nodiscard]] std::span<T* const> objects() const { return objects_; }

 private:
  friend class Registered<T>;
  static Registered<T>& entry(T& object) { return object; }

  void remove(const Registered<T>& gone) {
    T* const last = objects_.back();
    entry(*last).position_ = gone.position_;
    objects_[gone.position_] = last;
    objects_.pop_back();
  }

  std::vector<T*> objects_;
};

}  // namespace inlay
