// fuse_formula.cpp - see fuse_formula.h.
#include "interpreter/fusion/fuse_formula.h"

#include <algorithm>

#include "interpreter/fusion/fuse_steps.h"

namespace inlay::ir {

bool FormulaFuser::is_pure_instruction(const Instruction& in) const { return is_pure(program_, in); }

bool FormulaFuser::is_number(Place index) const {
  return index.kind == Place::Kind::constant || uses_.items.contains(index);
}

std::optional<std::size_t> FormulaFuser::definer(Place place) const {
  if (place.kind != Place::Kind::reg) return std::nullopt;
  for (std::size_t at = done_.size() - 1; at-- > run_start_;) {
    const auto& results = done_[at].results;
    if (std::find(results.begin(), results.end(), place) != results.end()) return at;
  }
  return std::nullopt;
}

std::optional<Formula> FormulaFuser::formula_at(std::size_t at) const {
  const Instruction& in = done_[at];
  Formula out;
  out.at = at;
  if (in.code == Opcode::region) {
    const RegionShape& shape = program_.regions[static_cast<std::size_t>(in.attribute)];
    const bool assigns = shape.steps.steps.back().kind == RegionStep::Kind::assign_where;
    if (assigns || shape.kind != RegionShape::Kind::value) return std::nullopt;
    return region_formula(in, std::move(out));
  }
  const std::optional<Candidate> candidate = step_of(program_, in);
  if (!candidate || candidate->step.kind == RegionStep::Kind::assign_where) return std::nullopt;
  out.steps = {candidate->step};
  for (std::int16_t operand = 0; operand < candidate->step.arity(); ++operand)
    out.steps[0].operands[static_cast<std::size_t>(operand)] = operand;
  out.inputs.assign(in.operands.begin(), in.operands.begin() + candidate->step.arity());
  out.instructions = {{0}};
  return out;
}

Formula FormulaFuser::region_formula(const Instruction& in, Formula out) const {
  const RegionShape& shape = program_.regions[static_cast<std::size_t>(in.attribute)];
  out.inputs = in.operands;
  out.steps = shape.steps.steps;
  for (const At& each : shape.instructions) out.instructions.push_back({0, each.place});
  for (const At& each : shape.others) out.others.push_back({0, each.place});
  return out;
}

std::int16_t FormulaFuser::input_of(RegionShape& shape, std::vector<Place>& inputs, Place place, bool is_chosen) {
  for (std::size_t at = 0; at < inputs.size(); ++at) {
    if (inputs[at] == place && ((shape.chosen >> at) & 1) == is_chosen) return static_cast<std::int16_t>(at);
  }
  if (is_chosen) shape.chosen |= std::uint64_t{1} << inputs.size();
  inputs.push_back(place);
  return static_cast<std::int16_t>(inputs.size() - 1);
}

std::int16_t FormulaFuser::add_steps(RegionShape& shape, const Formula& formula,
                                     const std::vector<std::int16_t>& references, std::size_t first) {
  const auto old_count = static_cast<int>(references.size());
  const int before = shape.steps.inputs + static_cast<int>(shape.steps.steps.size());
  const auto renumbered = [&](int ref) {
    return static_cast<std::int16_t>(ref < old_count ? references[static_cast<std::size_t>(ref)]
                                                     : ref - old_count + before);
  };
  const auto place = static_cast<std::int32_t>(formula.at - first);
  for (std::size_t at = 0; at < formula.steps.size(); ++at) {
    RegionStep step = formula.steps[at];
    for (int i = 0; i < step.arity(); ++i) step.operands[i] = renumbered(step.operands[i]);
    shape.steps.steps.push_back(step);
    shape.instructions.push_back({place, formula.instructions[at].inner});
  }
  return renumbered(old_count + static_cast<int>(formula.steps.size()) - 1);
}

void FormulaFuser::close(RegionShape shape, std::vector<Place> inputs, const std::vector<const Formula*>& formulas,
                         std::size_t first, const std::vector<At>& skipped) {
  if (done_.size() - first > kMaxBody || inputs.size() + kMoreInputs > kMaxRegionInputs ||
      shape.steps.steps.size() > kMaxRegionSteps)
    return;
  add_others(shape, formulas, first, skipped);
  make_region(program_, done_, first, std::move(inputs), std::move(shape));
}

void FormulaFuser::add_others(RegionShape& shape, const std::vector<const Formula*>& formulas, std::size_t first,
                              const std::vector<At>& skipped) const {
  const auto runs = [&](std::size_t at, std::int32_t inner) {
    return std::none_of(skipped.begin(), skipped.end(), [&](const At& each) {
      return each.place == static_cast<std::int32_t>(at) && each.inner == inner;
    });
  };
  for (std::size_t at = first; at < done_.size(); ++at) {
    const auto place = static_cast<std::int32_t>(at - first);
    const auto formula =
        std::find_if(formulas.begin(), formulas.end(), [&](const Formula* each) { return each->at == at; });
    if (formula == formulas.end()) {
      if (runs(at, -1)) shape.others.push_back({place});
      continue;
    }
    for (const At& each : (*formula)->others)
      if (runs(at, each.inner)) shape.others.push_back({place, each.inner});
  }
}

}  // namespace inlay::ir
