// verify.cpp - the rules a program of the core must keep, checked after lowering in debug builds and tests. See ir.h.
#include <vector>

#include "interpreter/lowering/ir.h"

namespace inlay::ir {

namespace {

[[noreturn]] void broken(const Function& function, const Instruction& instruction, std::string_view rule) {
  inlay::raise(ErrorKind::InternalError, "function {}: {}: {}", function.name, name(instruction.code), rule);
}

struct Arity {
  Opcode code;
  int operands;
  int results;
};
/// Instructions of fixed shape; -1: any number.
constexpr Arity kArities[] = {
    {Opcode::copy, 1, 1},          {Opcode::bound, 1, 1},         {Opcode::forget, 1, 1},
    {Opcode::new_cell, 0, 1},      {Opcode::op, -1, 1},           {Opcode::call, -1, 1},
    {Opcode::call_method, -1, 1},  {Opcode::unary, 1, 1},         {Opcode::binary, 2, 1},
    {Opcode::compare, 2, 1},       {Opcode::truth, 1, 1},         {Opcode::logical_not, 1, 1},
    {Opcode::get_item, -1, 1},     {Opcode::get_attribute, 1, 1}, {Opcode::make_tuple, -1, 1},
    {Opcode::make_list, -1, 1},    {Opcode::make_dict, -1, 1},    {Opcode::make_slice, 3, 1},
    {Opcode::append, 2, 1},        {Opcode::insert, 3, 1},        {Opcode::unpack, 1, -1},
    {Opcode::format, -1, 1},       {Opcode::join, -1, 1},         {Opcode::make_function, -1, 1},
    {Opcode::import_module, 0, 1}, {Opcode::import_name, 1, 1},   {Opcode::update, -1, 1},
    {Opcode::mutate, -1, 2},       {Opcode::store_where, 3, 1},   {Opcode::remove, -1, 1},
    {Opcode::raise, 1, 0},         {Opcode::contract, 1, 1},      {Opcode::if_, 1, -1},
    {Opcode::while_, -1, -1},      {Opcode::for_, -1, -1},        {Opcode::yield, -1, 0},
    {Opcode::break_, -1, 0},       {Opcode::continue_, -1, 0},    {Opcode::return_, 1, 0},
    {Opcode::region, -1, 1},       {Opcode::end_statement, 0, 0}, {Opcode::echo, 1, 0},
};

bool is_terminator(Opcode code) {
  return code == Opcode::yield || code == Opcode::break_ || code == Opcode::continue_ || code == Opcode::return_ ||
         code == Opcode::raise;
}

class Verifier {
 public:
  Verifier(const Program& program, const Function& function)
      : program_(program),
        function_(function),
        visible_(static_cast<std::size_t>(function.registers)),
        defined_(visible_.size()) {}

  void run() {
    for (const auto& parameter : function_.parameters) define(parameter.place, function_.body.body.front());
    block(function_.body, -1);
  }

 private:
  /// `carried`: how many values a jump of the loop around hands on; -1 outside loops.
  void block(const Block& block, int carried) {
    for (std::size_t i = 0; i < block.body.size(); ++i) {
      const Instruction& in = block.body[i];
      if (is_terminator(in.code) && i + 1 != block.body.size())
        broken(function_, in, "a block goes on after it is left");
      instruction(in, carried);
    }
  }

  void instruction(const Instruction& in, int carried) {
    const Arity& arity = kArities[static_cast<std::size_t>(in.code)];
    if (arity.code != in.code) broken(function_, in, "the table of arities is out of order");
    if (arity.operands >= 0 && in.operands.size() != static_cast<std::size_t>(arity.operands))
      broken(function_, in, "wrong number of operands");
    if (arity.results >= 0 && in.results.size() != static_cast<std::size_t>(arity.results))
      broken(function_, in, "wrong number of results");
    if (in.code == Opcode::region) return region(in);
    for (Place operand : in.operands) use(operand, in);
    if ((in.code == Opcode::break_ || in.code == Opcode::continue_) && carried != static_cast<int>(in.operands.size()))
      broken(function_, in, "a jump hands on the wrong number of values");
    if (in.code == Opcode::if_) branch(in, carried);
    if (in.code == Opcode::while_ || in.code == Opcode::for_) loop(in, carried);
    for (Place result : in.results) define(result, in);
  }

  /// The body is straight-line code that defines the result; the region reads what is defined before or in it.
  void region(const Instruction& in) {
    if (in.blocks.size() != 1 || in.blocks[0]->body.empty()) broken(function_, in, "a body is needed");
    for (const auto& each : in.blocks[0]->body) {
      if (is_terminator(each.code)) broken(function_, in, "the body is left");
      instruction(each, -1);
    }
    for (Place operand : in.operands) use(operand, in);
    if (in.results != in.blocks[0]->body.back().results) broken(function_, in, "the body defines another result");
  }

  void branch(const Instruction& in, int carried) {
    if (in.blocks.size() != 2) broken(function_, in, "two blocks are needed");
    for (const auto& inner : in.blocks) {
      const auto outside = visible_;
      block(*inner, carried);
      yields(*inner, in, in.results.size());
      visible_ = outside;
    }
  }

  void loop(const Instruction& in, int carried) {
    const bool is_while = in.code == Opcode::while_;
    if (in.blocks.size() != (is_while ? 3u : 2u)) broken(function_, in, "wrong number of blocks");
    const Block& body = *in.blocks[is_while ? 1 : 0];
    if (body.parameters.size() != in.operands.size())
      broken(function_, in, "one parameter per carried value is needed");
    const auto count = static_cast<int>(body.parameters.size()) - (is_while ? 0 : 1);
    if (in.results.size() != static_cast<std::size_t>(count))
      broken(function_, in, "one result per carried value is needed");
    const auto outside = visible_;
    for (Place parameter : body.parameters) define(parameter, in);
    const auto inside = visible_;
    for (std::size_t i = 0; i < in.blocks.size(); ++i) {
      const bool is_body = in.blocks[i].get() == &body;
      block(*in.blocks[i], is_body ? count : carried);
      if (!is_body) yields(*in.blocks[i], in, is_while && i == 0 ? 1 : static_cast<std::size_t>(count));
      visible_ = inside;
    }
    visible_ = outside;
  }

  void yields(const Block& block, const Instruction& in, std::size_t count) {
    if (block.body.empty()) {
      if (count > 0) broken(function_, in, "a block ends without yielding");
      return;
    }
    const Instruction& last = block.body.back();
    if (last.code == Opcode::yield && last.operands.size() != count)
      broken(function_, in, "a block yields the wrong number of values");
    if (!is_terminator(last.code) && count > 0) broken(function_, in, "a block ends without yielding");
  }

  void use(Place place, const Instruction& in) {
    const auto at = static_cast<std::size_t>(place.index);
    if (place.kind == Place::Kind::reg && (at >= visible_.size() || !visible_[at]))
      broken(function_, in, fmt::format("%{} is used where it is not defined", place.index));
    if (place.kind == Place::Kind::constant && at >= program_.constants.size())
      broken(function_, in, "no such constant");
    if (place.kind == Place::Kind::global && at >= program_.globals.size()) broken(function_, in, "no such variable");
    if (place.kind == Place::Kind::cell && at >= function_.cell_names.size()) broken(function_, in, "no such cell");
  }

  void define(Place place, const Instruction& in) {
    if (place.kind == Place::Kind::constant || place.kind == Place::Kind::absent)
      broken(function_, in, "a result needs a place");
    if (place.kind != Place::Kind::reg) return;
    const auto at = static_cast<std::size_t>(place.index);
    if (at >= visible_.size() || defined_[at]) broken(function_, in, fmt::format("%{} is defined twice", place.index));
    visible_[at] = defined_[at] = true;
  }

  const Program& program_;
  const Function& function_;
  std::vector<bool> visible_;
  std::vector<bool> defined_;
};

}  // namespace

void verify(const Program& program) {
  for (const auto& function : program.functions) Verifier(program, *function).run();
}

}  // namespace inlay::ir
