// mutator_rows.h - the rows behind mutators.h, one family per file. Private to the mutators' .cpp files.
// Invariant: a row that throws has left its target as it was.
#pragma once

#include <span>

#include "interpreter/methods/mutators.h"
#include "interpreter/values/value.h"

namespace inlay {

/// One call, arguments bound in the order of the row's signature.
struct Mutation {
  const MutatorCall& call;
  std::span<const Value> arguments;
  int data = 0;  // the row's
  const Value& operator[](std::size_t at) const { return arguments[at]; }
};

struct MutatorRow {
  TypeId type;  // of the target
  std::string_view name;
  std::string_view signature;  // of what follows the target
  Value (*apply)(Value& target, const Mutation&);
  int data = 0;               // tells rows apart that share an `apply`
  bool any_keywords = false;  // d.update(a=1)
};

/// Methods of list and dict (mutate_collections.cpp).
std::span<const MutatorRow> collection_methods();
/// Methods of tensors (mutate_tensor.cpp).
std::span<const MutatorRow> tensor_methods();
/// put, putmask, place, copyto, fill_diagonal, put_along_axis (mutate_tensor_parts.cpp).
std::span<const MutatorRow> tensor_functions();
/// x.put(…) is put(x, …).
Value put_elements(Value& target, const Mutation& mutation);

/// add.at(target, indices, values) (ufunc_at.cpp).
Value apply_ufunc_at(Value& target, const MutatorCall& call);

/// A tensor out of its Value for the time of an update, and back in the end, whether that succeeds or throws.
class HeldTensor {
 public:
  explicit HeldTensor(Value& target) : target_(target), tensor(target.take_tensor()) {}
  ~HeldTensor() { target_ = Value::of(std::move(tensor)); }
  HeldTensor(const HeldTensor&) = delete;
  HeldTensor& operator=(const HeldTensor&) = delete;

 private:
  Value& target_;

 public:
  Tensor tensor;
};

}  // namespace inlay
