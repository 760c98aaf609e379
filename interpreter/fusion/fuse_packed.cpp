// fuse_packed.cpp - see fuse_packed.h. What uses `x[m]` looks back, over what sets registers only, for that and for the
// formula of m. First what computes with chosen elements has its turn, then the subscripts that are left.
#include "interpreter/fusion/fuse_packed.h"

#include <algorithm>

#include "interpreter/fusion/fuse_steps.h"

namespace inlay::ir {

namespace {

/// A value that is `from[mask]`, and where that is read.
struct Packed {
  std::size_t at = 0;
  Place from, mask;
};

class PackedFuser : public FormulaFuser {
 public:
  using FormulaFuser::FormulaFuser;

  void run_formulas() {
    run([this] {
      if (const auto formula = formula_at(done_.size() - 1)) join_formula(*formula);
    });
  }

  void run_subscripts() {
    run([this] {
      if (const auto packed = packed_at(done_.size() - 1)) join({}, {*packed});
    });
  }

 private:
  [[nodiscard]] std::optional<Packed> packed_at(std::size_t at) const {
    const Instruction& in = done_[at];
    if (in.code != Opcode::get_item) return std::nullopt;
    const bool is_one = is_one_plain_item(program_.subscripts[static_cast<std::size_t>(in.attribute)]);
    return is_one && !is_number(in.operands[1]) ? std::optional(Packed{at, in.operands[0], in.operands[1]})
                                                : std::nullopt;
  }

  /// The inputs of a formula that are chosen by one mask; none where several masks choose.
  [[nodiscard]] std::vector<Packed> packed_inputs(const Formula& formula) const {
    std::vector<Packed> out;
    for (const Place input : formula.inputs) {
      const auto at = reads(input) == 1 ? definer(input) : std::nullopt;
      const auto packed = at ? packed_at(*at) : std::nullopt;
      if (!packed) continue;
      if (!out.empty() && out[0].mask != packed->mask) return {};
      out.push_back(*packed);
    }
    return out;
  }

  /// The formula of a mask that nothing else reads.
  [[nodiscard]] std::optional<Formula> mask_formula(const std::vector<Packed>& packed) const {
    const Place mask = packed[0].mask;
    const auto at = reads(mask) == static_cast<int>(packed.size()) ? definer(mask) : std::nullopt;
    std::optional<Formula> out = at ? formula_at(*at) : std::nullopt;
    const bool is_mask = out && out->steps.back().kind != RegionStep::Kind::reduce && may_be_mask(out->steps.back());
    return is_mask ? std::move(out) : std::nullopt;
  }

  void join_formula(const Formula& formula) {
    const std::vector<Packed> packed = packed_inputs(formula);
    if (!packed.empty()) join(formula, packed);
  }

  [[nodiscard]] bool is_one_of(const std::vector<Packed>& packed, Place value) const {
    return std::any_of(packed.begin(), packed.end(),
                       [&](const Packed& each) { return done_[each.at].results[0] == value; });
  }

  /// `formula`: what is computed of the chosen elements; nothing where they are the result.
  void join(const std::optional<Formula>& formula, const std::vector<Packed>& packed) {
    const std::optional<Formula> mask = mask_formula(packed);
    if (!mask) return;
    std::size_t first = mask->at;
    for (const Packed& each : packed) first = std::min(first, each.at);
    RegionShape shape;
    shape.kind = RegionShape::Kind::packed;
    std::vector<Place> inputs;
    const auto note = [&](Place place) { return input_of(shape, inputs, place, false); };
    std::vector<std::int16_t> mask_references, chosen, references;
    for (const Place input : mask->inputs) mask_references.push_back(note(input));
    for (const Packed& each : packed) chosen.push_back(note(each.from));
    for (const Place input : formula ? formula->inputs : std::vector<Place>())
      references.push_back(is_one_of(packed, input) ? std::int16_t{-1} : note(input));
    shape.steps.inputs = static_cast<int>(inputs.size());
    shape.target = chosen[0];
    const std::int16_t chooser = add_steps(shape, *mask, mask_references, first);
    add_packing(shape, packed, chosen, chooser, first, references);
    if (formula) add_steps(shape, *formula, references, first);
    std::vector<const Formula*> formulas{&*mask};
    if (formula) formulas.push_back(&*formula);
    std::vector<At> skipped;
    for (const Packed& each : packed) skipped.push_back({static_cast<std::int32_t>(each.at)});
    close(std::move(shape), std::move(inputs), formulas, first, skipped);
  }

  /// A step for each value that is chosen; the formula's references to them become known.
  static void add_packing(RegionShape& shape, const std::vector<Packed>& packed,
                          const std::vector<std::int16_t>& chosen, std::int16_t chooser, std::size_t first,
                          std::vector<std::int16_t>& references) {
    auto reference = references.begin();
    for (std::size_t at = 0; at < packed.size(); ++at) {
      RegionStep step;
      step.kind = RegionStep::Kind::compress;
      step.operands = {chooser, chosen[at], 0};
      reference = std::find(reference, references.end(), -1);
      if (reference != references.end())
        *reference = static_cast<std::int16_t>(shape.steps.inputs + static_cast<int>(shape.steps.steps.size()));
      shape.steps.steps.push_back(step);
      shape.instructions.push_back({static_cast<std::int32_t>(packed[at].at - first)});
    }
  }
};

}  // namespace

void fuse_packed(Program& program, const Uses& uses, Block& block) {
  PackedFuser(program, uses, block).run_formulas();
  PackedFuser(program, uses, block).run_subscripts();
}

}  // namespace inlay::ir
