// region.h - several elementwise ops in one pass: a plan per call site, run in blocks that stay in the first-level
// cache, so that no intermediate result is ever a tensor.
// Knows nothing of names, instructions or values; what it cannot do, the caller does op by op.
// Invariant: a region gives the bits that its ops give one after the other, whatever the layout and the number of
// threads; nothing is written before everything that can throw has happened.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/dtypes/cast.h"
#include "runtime/elementwise/elementwise.h"
#include "runtime/elementwise/elementwise_dispatch.h"
#include "runtime/elementwise/elementwise_loop.h"
#include "runtime/elementwise/fused_kernels.h"
#include "runtime/elementwise/select_kernels.h"
#include "runtime/reductions/reduce.h"
#include "runtime/tensors/layout.h"
#include "runtime/threads/swift.h"

namespace inlay {

/// One op of a region. Its operands count the region's inputs first, then the results of earlier steps.
struct RegionStep {
  enum class Kind : std::uint8_t {
    unary,
    binary,
    where,         // condition, x, y
    assign_where,  // mask, value, target: where(mask, cast(value, target.dtype), target), into the target; always last
    compress,  // mask, an input: its elements where the mask is true; all such steps of a region have one mask, whose
               // steps come before the first of them (region_packed.h)
    reduce     // an operand's elements to one; always last
  };
  Kind kind{};
  ElementwiseOp op{};
  ReduceOp reduction{};
  bool is_operator = false;  // `**`, which for some dtypes is another function than power()
  bool one_value = false;    // of assign_where: only a plain number is one value for all elements
  std::array<std::int16_t, 3> operands{};

  [[nodiscard]] int arity() const {
    if (kind == Kind::unary || kind == Kind::reduce) return 1;
    return kind == Kind::binary || kind == Kind::compress ? 2 : 3;
  }
};

/// Ops in the order of evaluation; the last gives the result, every other one an operand of exactly one later step.
struct RegionSteps {
  int inputs = 0;
  std::vector<RegionStep> steps;
};

/// What a region reads, borrowed: a tensor, or a plain number.
struct RegionInput {
  const std::byte* data;
  const Shape* shape;
  const Strides* strides;
  std::int64_t size;
  DType dtype;
  bool contiguous;
  bool weak;  // a plain number: what follows counts
  Scalar::Kind kind;
  std::int64_t integer;
  double real, imaginary;

  [[nodiscard]] Scalar number() const;
  /// What tells a plain number from others of its kind.
  [[nodiscard]] std::array<std::uint64_t, 3> bits() const {
    return {static_cast<std::uint64_t>(integer), std::bit_cast<std::uint64_t>(real),
            std::bit_cast<std::uint64_t>(imaginary)};
  }
  /// Never 0: what dtype resolution sees of the input. Plain numbers have the high bit.
  [[nodiscard]] std::uint8_t type_code() const {
    return static_cast<std::uint8_t>(weak ? kPlain | static_cast<int>(kind) : 1 + static_cast<int>(dtype));
  }
  /// Whether a type code is that of a plain number.
  [[nodiscard]] static bool is_plain(std::uint8_t type_code) { return (type_code & kPlain) != 0; }

 private:
  static constexpr int kPlain = 0x80;
};

/// What a region is for the dtypes and weakness of its inputs: kernels, conversions and registers in order.
/// Values are numbered by slots: sources first, then the results of ops.
struct RegionPlan {
  static constexpr int kMaxSlots = 80;
  static constexpr std::size_t kFlatSlots = 32;  // of FlatRegion
  static constexpr int kMaxRegisters = 24;       // of results, and of operands that are gathered or converted
  static constexpr std::int64_t kRegisterBytes = 4096;
  static constexpr int kPackCost = 3;  // of packing or spreading an element, in additions

  /// An input as the ops that use it read it.
  struct Source {
    int input = 0;
    DType dtype{};                 // a plain number is rounded to this …
    DType load{};                  // … and read as this
    CastKernel convert = nullptr;  // of a tensor; null: already of the dtype
    int load_size = 0;
    std::array<std::uint64_t, 3> known{};  // the number that `element` was made of
    bool is_known = false;
    alignas(16) std::array<std::byte, 16> element{};

    /// Whether `element` was made of this number, bit by bit.
    [[nodiscard]] bool holds(const RegionInput& number) const {
      const std::array<std::uint64_t, 3> bits = number.bits();
      return is_known && ((known[0] ^ bits[0]) | (known[1] ^ bits[1]) | (known[2] ^ bits[2])) == 0;
    }
  };
  struct Op {
    enum class Kind : std::uint8_t { unary, binary, select, cast, compress, fused };
    Kind kind{};
    ElementwiseOp code{};  // of unary and binary
    int count = 0;
    std::size_t mask_operands = 1;                   // see decides()
    std::array<int, kMostFusedOperands> operands{};  // slots
    int reg = 0;
    int size = 0;  // bytes of an element of the result
    const KernelRow* row = nullptr;
    SelectKernel select = nullptr;
    CastKernel cast = nullptr;
    FusedKernel fused = nullptr;

    /// Of an op that chooses by a mask: the operands that this is made of.
    [[nodiscard]] std::span<const int> decides() const { return std::span(operands).first(mask_operands); }
  };

  std::vector<std::uint8_t> signature;  // of the inputs it is for; empty: no plan yet
  bool fits = false;                    // false: the ops are run one by one
  std::vector<Source> sources;
  std::vector<Op> ops;
  std::vector<int> divisors, exponents;  // plain integers that must not be 0 or negative: else an op warns or refuses
  DType result{};                        // of the last op; a reduction's is another one
  int mask = -1;  // slot of the mask of compress ops; those before it in `sources` and `ops` make it
  std::size_t mask_sources = 0, mask_ops = 0;
  int mask_cost = 0;
  int registers = 0;
  int widest = 1;          // bytes of an element of any input or result
  std::int64_t block = 0;  // elements
  int cost = 0;
  bool is_swift = true;  // no op takes more than a few instructions, of vectors of real numbers
  int steps = 0;
  bool is_flat = false;  // whether FlatRegion may run it: all the region's steps, in few slots, without a reduction

  /// Whether each op behind the mask packs elements in front of it or takes packed and single ones, and their result is
  /// not single. `is_single(slot)`: whether a source or a result is one element.
  template <class IsSingle>
  [[nodiscard]] bool takes_chosen(const IsSingle& is_single) const {
    const int first_packed = static_cast<int>(sources.size() + mask_ops);
    const auto takes = [&](const Op& op) {
      const bool packs = op.kind == Op::Kind::compress;
      return std::all_of(op.operands.begin(), op.operands.begin() + op.count, [&](int slot) {
        return packs ? slot < first_packed && !is_single(slot) : slot >= first_packed || is_single(slot);
      });
    };
    return !is_single(static_cast<int>(sources.size() + ops.size()) - 1) &&
           std::all_of(ops.begin() + static_cast<std::ptrdiff_t>(mask_ops), ops.end(), takes);
  }
  /// Whether there are plain integers that decide whether it may run.
  [[nodiscard]] bool asks_numbers() const { return !divisors.empty() || !exponents.empty(); }
  /// The element-steps, as is_short() counts them, of a run over `size` elements.
  [[nodiscard]] std::int64_t element_steps(std::int64_t size) const {
    return counted_steps(is_swift, size * cost, widest);
  }
};

/// Plans a region for the types of its inputs. `given[i]` of a step with a type code stands for a step that has been
/// evaluated already: it is an input. Throws the TypeErrors of dtype resolution.
RegionPlan plan_region(const RegionSteps& region, std::span<const RegionInput> inputs,
                       std::span<const std::uint8_t> signature);

/// Gives the plan's ops their registers.
void assign_registers(RegionPlan& plan);
/// Joins ops of a plan that one kernel does in one pass (fused.def), where there are registers for that. What the plan
/// costs and refuses stays what it was.
void fuse_ops(RegionPlan& plan);

/// A run of a planned region over its inputs, which outlive it.
class RegionCall {
 public:
  /// Throws what plain numbers out of a dtype's range do.
  RegionCall(RegionPlan& plan, std::span<const RegionInput> inputs);
  RegionCall(const RegionCall&) = delete;
  RegionCall& operator=(const RegionCall&) = delete;

  /// The result will be stored into a part of a tensor, which inputs may look into as well. `base`: what the layout's
  /// offset counts from. To be called before shape(), which is null where the result has not the part's shape, or
  /// inputs lie across the part in a way that needs the whole result first.
  void aim(const inlay::Layout& part, std::byte* base);
  /// Finds the result's shape; null where the region is not run in one pass: shapes that do not broadcast, an
  /// intermediate result smaller than the result (it is computed once), or nothing to compute.
  const Shape* shape(const RegionSteps& region);
  /// Computes into row-major elements of the plan's result, which may be those of an input of the same shape.
  void run(std::byte* out);
  /// Computes where the mask of the last step, an assignment, is true: `target` holds the elements of its target, row
  /// by row. All other operands are either single elements or of the target's shape, and are not computed with
  /// elsewhere if that would cost much.
  void run_chosen(std::byte* target);
  /// Computes into the part that was aimed at, as if the whole result came first.
  void run_part();
  /// Reduces what run() would write, without writing it.
  Tensor reduce(ReduceOp op);

 private:
  friend class RegionBlocks;
  friend class PartRange;
  friend class PackedRegion;
  enum class Layout : std::uint8_t { uniform, flat, walked };
  struct Walked {
    const std::byte* data;
    Strides strides;  // bytes, merged
    int itemsize;
  };

  /// The shape that all inputs have but single elements, or null if there is none.
  [[nodiscard]] const Shape* common_shape() const;
  bool broadcast_inputs(const RegionSteps& region);
  [[nodiscard]] bool is_computed_in_full(const RegionSteps& region) const;
  [[nodiscard]] bool masks_in_full() const;
  [[nodiscard]] bool numbers_pass() const;
  [[nodiscard]] bool reaches_are_known();
  [[nodiscard]] bool note_reach(const RegionInput& input);
  [[nodiscard]] std::int64_t blocks_within(std::int64_t bytes) const;
  [[nodiscard]] bool holds_little();
  void choose_packed();
  void run_part_direct();
  void run_part_ranges();
  void lay_out();
  [[nodiscard]] Layout layout_of(const RegionInput& input) const;
  void add_walk(std::size_t slot, const RegionInput& input);
  void compute_uniform();

  RegionPlan& plan_;
  std::span<const RegionInput> inputs_;
  const Shape* shape_ = nullptr;
  Shape broadcast_;  // behind shape_ where inputs differ in shape
  std::int64_t size_ = 0;
  Shape nest_;  // of walked inputs, merged
  std::vector<Walked> walked_;
  bool rows_in_place_ = false;  // rows of the nest are long enough to be used where they lie
  struct Part {
    std::byte* first = nullptr;  // element (0, …, 0); null: the result goes to memory of its own
    const Strides* strides = nullptr;
    const Shape* shape = nullptr;
    std::int64_t behind = 0,
                 ahead = 0;  // how far inputs look to elements of the part before and after their own, bytes
    std::int64_t held_behind = 0, held_ahead = 0;  // blocks that can be within that
  };
  Part part_;
  int packs_ = 0;  // sources that are packed by a mask where that pays
  // By slot; only the plan's slots are ever set.
  std::array<bool, RegionPlan::kMaxSlots> packed_{};
  std::array<Layout, RegionPlan::kMaxSlots> layouts_;
  std::array<Row, RegionPlan::kMaxSlots> rows_;            // of what is uniform
  std::array<std::int8_t, RegionPlan::kMaxSlots> places_;  // of a walked source: its place in walked_
  alignas(16) std::byte elements_[RegionPlan::kMaxSlots][16];
};

}  // namespace inlay
