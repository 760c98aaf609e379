// index_plan.h - subscripts: parsed once against a shape, used for reading and writing alike (a write is the read's
// transpose). Knows nothing of syntax or of values that are not tensors: the evaluator turns a subscript's values into
// IndexItems. Invariant: a plan is complete and checked when it exists; applying it for reading cannot fail, applying
// it for writing fails only over the value to be written, and then before the first element is written.
#pragma once

#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "runtime/elementwise/elementwise.h"
#include "runtime/indexing/selection.h"
#include "runtime/tensors/tensor.h"

namespace inlay {

struct SliceItem {
  std::optional<std::int64_t> start, stop, step;
};  // values beyond int64 are clamped by the caller
struct EllipsisItem {};
struct NewAxisItem {};
/// A plain integer, a slice, `...`, `None`, or an integer or boolean tensor (0-d integer tensors count as plain
/// integers, 0-d booleans as 0-d masks).
using IndexItem = std::variant<std::int64_t, SliceItem, EllipsisItem, NewAxisItem, Tensor>;
using IndexItems = std::vector<IndexItem>;

/// What happens to an index that is out of range.
enum class IndexMode : std::uint8_t { raise, wrap, clip, drop };
enum class Duplicates : std::uint8_t { last, first, error };

/// x[items]: a view where only integers, slices, `...` and None occur, else a gathered copy. NumPy's rules and messages
/// throughout. Full integers give a 0-d tensor of its own, not a view. There is nothing to drop when reading:
/// IndexMode::drop reads as clip.
Tensor index_get(const Tensor& x, std::span<const IndexItem> items, IndexMode mode = IndexMode::raise);

/// One step of a path from a variable to the part that an assignment writes.
struct PathStep {
  enum class Kind : std::uint8_t {
    subscript,
    transpose,
    matrix_transpose,
    real,
    imag,
    reshape,
    ravel,
    permute,
    swapaxes,
    squeeze,
    diagonal,
    flat
  };
  Kind kind = Kind::subscript;
  IndexItems items;  // subscript
  Dims numbers;  // reshape: sizes (-1 allowed); permute: axes; swapaxes: two axes; squeeze: axes or empty; diagonal:
                 // offset, axis1, axis2
};

/// What is written at the end of a path.
struct Update {
  Operand value;
  /// Absent: plain assignment (cast unsafe, NumPy's rules for shapes). Present: `op=`: reads, applies, casts same_kind,
  /// writes once.
  std::optional<ElementwiseOp> op;
  /// Whether the value was written as a list, whose nesting NumPy holds to the rank of what it is assigned to.
  bool is_nested = false;
};

/// The value that a path reads: x[1:].T[m]
Tensor path_get(const Tensor& x, std::span<const PathStep> path);
/// `x<path> = value` / `x<path> op= value`: views compose, so that only the elements selected are touched; steps that
/// are not views are gathered, updated and scattered back. In place when x is unique (the value is copied first where
/// it looks into x's buffer and nobody else would). On throw x is unchanged.
void path_update(Tensor& x, std::span<const PathStep> path, Update update);

/// x.at[items].add(v) and friends, add.at(x, items, v): duplicates combine. `set` with its mode and treatment of
/// duplicates
/// (`first` drops the later ones, whatever the kind; `error` is a ValueError). In place when x is unique; on throw x is
/// unchanged. The value is cast to x's dtype as in an assignment: the same_kind rule of add.at is the caller's to
/// check.
void index_accumulate(Tensor& x, std::span<const IndexItem> items, UpdateKind kind, const Operand& value,
                      IndexMode mode = IndexMode::raise, Duplicates duplicates = Duplicates::last);

}  // namespace inlay
