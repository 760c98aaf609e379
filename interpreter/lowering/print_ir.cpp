// print_ir.cpp - the functional core as text: one instruction a line, blocks indented, constants in place. Spans and
// caches are left out.
#include "interpreter/lowering/print_ir.h"

#include "grammar/ast.h"

namespace inlay::ir {

namespace {

constexpr std::string_view kNames[] = {  // ORDER OPCODES
    "copy",   "bound",  "forget",   "new_cell", "op",          "call",          "call_method",
    "unary",  "binary", "compare",  "truth",    "not",         "get_item",      "get_attribute",
    "tuple",  "list",   "dict",     "slice",    "append",      "insert",        "unpack",
    "format", "join",   "function", "import",   "import_name", "update",        "mutate",
    "where",  "remove", "raise",    "contract", "if",          "while",         "for",
    "yield",  "break",  "continue", "return",   "region",      "end_statement", "echo"};

std::string_view operator_name(ast::BinaryOp op) {
  static constexpr std::string_view kOperators[] = {
      "add",    "subtract",   "multiply",    "divide",      "floor_divide", "remainder",  "power",
      "matmul", "left_shift", "right_shift", "bitwise_and", "bitwise_or",   "bitwise_xor"};
  return kOperators[static_cast<int>(op)];
}

std::string_view comparison_name(ast::CompareOp op) {
  static constexpr std::string_view kComparisons[] = {"equal",         "not_equal", "less",   "less_equal", "greater",
                                                      "greater_equal", "in",        "not_in", "is",         "is_not"};
  return kComparisons[static_cast<int>(op)];
}

std::string_view unary_name(ast::UnaryOp op) {
  static constexpr std::string_view kUnary[] = {"negative", "positive", "invert", "not"};
  return kUnary[static_cast<int>(op)];
}

constexpr std::string_view kForms[] = {"update", "slice_update", "tensor_scatter_nd_update", "where"};

class Printer {
 public:
  explicit Printer(const Program& program) : program_(program) {}

  std::string print() {
    for (std::size_t i = 0; i < program_.functions.size(); ++i) function(*program_.functions[i], i);
    return std::move(out_);
  }

  std::string print(const Function& function, const Instruction& in) {
    function_ = &function;
    instruction(in, 0);
    return out_.substr(0, out_.find('\n'));
  }

 private:
  void line(int indent, const std::string& text) {
    out_.append(static_cast<std::size_t>(indent) * 2, ' ');
    out_ += text;
    out_ += '\n';
  }

  void function(const Function& function, std::size_t index) {
    function_ = &function;
    if (index > 0) {
      std::string head = fmt::format("function #{} {}(", index, function.name);
      for (std::size_t i = 0; i < function.parameters.size(); ++i) {
        const auto& parameter = function.parameters[i];
        head += fmt::format("{}{}{} {}", i == 0 ? "" : ", ", parameter.star ? "*" : "", place(parameter.place),
                            parameter.name);
      }
      line(0, head + "):");
    }
    block(function.body, index == 0 ? 0 : 1);
  }

  void block(const Block& block, int indent) {
    for (const auto& instruction : block.body) this->instruction(instruction, indent);
  }

  std::string place(Place place) const {
    switch (place.kind) {
      case Place::Kind::absent:
        return "_";
      case Place::Kind::reg:
        return fmt::format("%{}", place.index);
      case Place::Kind::constant: {
        const Value& value = program_.constants[static_cast<std::size_t>(place.index)];
        return value.is_undefined() ? "undefined" : to_repr(value);
      }
      case Place::Kind::global:
        return "@" + program_.globals[static_cast<std::size_t>(place.index)];
      case Place::Kind::cell:
        return "^" + function_->cell_names[static_cast<std::size_t>(place.index)];
    }
    return {};
  }

  std::string places(const std::vector<Place>& list, std::size_t from = 0) const {
    std::string out;
    for (std::size_t i = from; i < list.size(); ++i) out += (i > from ? ", " : "") + place(list[i]);
    return out;
  }

  std::string subscript(const SubscriptShape& shape, const std::vector<Place>& operands, std::size_t& at) const {
    std::string out = "[";
    for (std::size_t i = 0; i < shape.is_slice.size(); ++i) {
      if (i > 0) out += ", ";
      if (!shape.is_slice[i]) {
        out += place(operands[at++]);
        continue;
      }
      const auto part = [&](Place p) { return p ? place(p) : std::string(); };
      out +=
          part(operands[at]) + ":" + part(operands[at + 1]) + (operands[at + 2] ? ":" + place(operands[at + 2]) : "");
      at += 3;
    }
    return out + (shape.is_tuple && shape.is_slice.size() == 1 ? ",]" : "]");
  }

  std::string arguments(const CallShape& shape, const std::vector<Place>& operands, std::size_t& at) const {
    std::string out = "(";
    for (int i = 0; i < shape.positional; ++i, ++at)
      out += fmt::format("{}{}{}", i > 0 ? ", " : "", shape.starred[static_cast<std::size_t>(i)] ? "*" : "",
                         place(operands[at]));
    for (const auto& keyword : shape.keywords)
      out += fmt::format("{}{}={}", out.size() > 1 ? ", " : "", keyword, place(operands[at++]));
    return out + ")";
  }

  std::string path(const PathShape& shape, const std::vector<Place>& operands, std::size_t& at) const {
    std::string out;
    for (const auto& step : shape.steps) {
      if (step.kind == PathStepShape::Kind::subscript)
        out += subscript(step.subscript, operands, at);
      else
        out += "." + step.name;
      if (step.kind == PathStepShape::Kind::method) out += arguments(step.call, operands, at);
    }
    return out.empty() ? "[...]" : out;
  }

  /// The operation and its operands, without results.
  std::string operation(const Instruction& in) const {
    const auto& operands = in.operands;
    const auto attribute = static_cast<std::size_t>(in.attribute);
    std::size_t at = 1;
    switch (in.code) {
      case Opcode::op:
        return op(in);
      case Opcode::unary:
        return fmt::format("{}({})", unary_name(static_cast<ast::UnaryOp>(in.detail)), place(operands[0]));
      case Opcode::binary:
        return fmt::format("{}({})", operator_name(static_cast<ast::BinaryOp>(in.detail)), places(operands));
      case Opcode::compare:
        return fmt::format("{}({})", comparison_name(static_cast<ast::CompareOp>(in.detail)), places(operands));
      case Opcode::call:
        return "call " + place(operands[0]) + arguments(program_.calls[attribute], operands, at);
      case Opcode::call_method:
        return fmt::format("call {}.{}{}", place(operands[0]), program_.calls[attribute].name,
                           arguments(program_.calls[attribute], operands, at));
      case Opcode::get_item:
        return "get_item(" + place(operands[0]) + ", " + subscript(program_.subscripts[attribute], operands, at) + ")";
      case Opcode::get_attribute:
      case Opcode::import_name:
        return fmt::format("{}({}, '{}')", kNames[static_cast<int>(in.code)], place(operands[0]),
                           program_.names[attribute]);
      case Opcode::import_module:
        return fmt::format("import('{}')", program_.names[attribute]);
      case Opcode::bound:
        return fmt::format("bound({}, '{}')", place(operands[0]), program_.names[attribute]);
      case Opcode::make_function:
        return fmt::format("function(#{}{}{})", in.attribute, operands.empty() ? "" : ", ", places(operands));
      case Opcode::update:
        return update(in);
      case Opcode::store_where:
        return fmt::format("where({}, cast({}, {}.dtype{}), {})", place(operands[0]), place(operands[1]),
                           place(operands[2]), in.detail != 0xff ? ", 'same_kind'" : "", place(operands[2]));
      case Opcode::mutate:
        return mutation(in);
      case Opcode::remove: {
        std::string where = path(program_.paths[attribute], operands, at);
        return fmt::format("remove({}, {})", place(operands[0]), where);
      }
      case Opcode::raise:
        return fmt::format("raise {}({})", inlay::name(static_cast<ErrorKind>(in.detail)),
                           operands[0] ? place(operands[0]) : "");
      case Opcode::contract:
        return fmt::format("contract({}, {})", place(operands[0]), program_.contracts[attribute].text);
      case Opcode::yield:
      case Opcode::break_:
      case Opcode::continue_:
      case Opcode::return_:
        return fmt::format("{}{}{}", kNames[static_cast<int>(in.code)], operands.empty() ? "" : " ", places(operands));
      default:
        return fmt::format("{}({})", kNames[static_cast<int>(in.code)], places(operands));
    }
  }

  std::string op(const Instruction& in) const {
    const OpRow& row = *program_.ops[static_cast<std::size_t>(in.attribute)];
    const auto& parameters = signature_of(row).parameters;
    std::string out(row.name);
    out += '(';
    bool named = false, first = true;
    for (std::size_t i = 0; i < in.operands.size(); ++i) {
      if (!in.operands[i]) {
        named = true;
        continue;
      }
      named = named || parameters[i].keyword_only;
      out += fmt::format("{}{}{}", first ? "" : ", ",
                         named                ? parameters[i].name + "="
                         : parameters[i].star ? "*"
                                              : "",
                         place(in.operands[i]));
      first = false;
    }
    return out + ")";
  }

  std::string update(const Instruction& in) const {
    const PathShape& shape = program_.paths[static_cast<std::size_t>(in.attribute)];
    std::size_t at = 1;
    const std::string root = place(in.operands[0]);
    const std::string where = path(shape, in.operands, at);
    std::string value = place(in.operands[at]);
    if (in.detail != 0xff) {
      const auto op = operator_name(static_cast<ast::BinaryOp>(in.detail));
      if (shape.steps.empty()) return fmt::format("{}({}, {}, out={})", op, root, value, root);
      value = fmt::format("{}({}, {})", op, read(shape, root, where), value);
    }
    if (shape.form == UpdateForm::tensor_scatter_nd_update && is_mask(in))
      return fmt::format("tensor_scatter_nd_update({}, where_indices({}), {})", root, place(in.operands[1]), value);
    return fmt::format("{}({}, {}, {})", kForms[static_cast<int>(shape.form)], root, where, value);
  }

  static std::string read(const PathShape& shape, const std::string& root, const std::string& where) {
    if (shape.form == UpdateForm::slice_update) return fmt::format("slice({}, {})", root, where);
    if (shape.form == UpdateForm::tensor_scatter_nd_update) return fmt::format("gather_nd({}, {})", root, where);
    return root + where;
  }

  bool is_mask(const Instruction& in) const { return program_.paths[static_cast<std::size_t>(in.attribute)].mask; }

  /// `add.at(x, i, v)` is a scatter of the functional core; other ufuncs have no name of their own there.
  static std::string_view scatter_name(const OpRow* ufunc) {
    static constexpr std::pair<std::string_view, std::string_view> kScatters[] = {{"add", "tensor_scatter_nd_add"},
                                                                                  {"subtract", "tensor_scatter_nd_sub"},
                                                                                  {"minimum", "tensor_scatter_nd_min"},
                                                                                  {"maximum", "tensor_scatter_nd_max"}};
    for (const auto& [name, scatter] : kScatters)
      if (ufunc != nullptr && ufunc->name == name) return scatter;
    return {};
  }

  std::string mutation(const Instruction& in) const {
    const MutationShape& shape = program_.mutations[static_cast<std::size_t>(in.attribute)];
    std::size_t at = 1;
    if (const auto scatter = scatter_name(shape.ufunc); !scatter.empty() && shape.path.steps.empty())
      return fmt::format("{}({}, {})", scatter, place(in.operands[0]), places(in.operands, 1));
    const std::string target =
        place(in.operands[0]) + (shape.path.steps.empty() ? "" : path(shape.path, in.operands, at));
    std::string rest = arguments(shape.call, in.operands, at);
    const std::string name = shape.ufunc != nullptr ? std::string(shape.ufunc->name) + ".at" : shape.call.name;
    if (!shape.function) return fmt::format("mutate {}.{}{}", target, name, rest);
    if (shape.shuffling) return fmt::format("mutate {} by {} of {}", target, name, rest);
    return fmt::format("mutate {}({}{}{}", name, target, rest == "()" ? "" : ", ", rest.substr(1));
  }

  void instruction(const Instruction& in, int indent) {
    const bool scatter = in.code == Opcode::mutate &&
                         !scatter_name(program_.mutations[static_cast<std::size_t>(in.attribute)].ufunc).empty();
    const std::string results = in.results.empty() ? "" : (scatter ? place(in.results[0]) : places(in.results)) + " = ";
    if (in.code == Opcode::if_) return branch(in, indent, results);
    if (in.code == Opcode::while_ || in.code == Opcode::for_) return loop(in, indent, results);
    if (in.code == Opcode::end_statement) return;
    if (in.code == Opcode::region) return region(in, indent, results);
    line(indent, results + operation(in));
  }

  void region(const Instruction& in, int indent, const std::string& results) {
    line(indent, results + "region(" + places(in.operands) + "):");
    block(*in.blocks[0], indent + 1);
  }

  void branch(const Instruction& in, int indent, const std::string& results) {
    line(indent, results + "if " + place(in.operands[0]) + ":");
    block(*in.blocks[0], indent + 1);
    if (in.blocks[1]->body.empty()) return;
    line(indent, "else:");
    block(*in.blocks[1], indent + 1);
  }

  void loop(const Instruction& in, int indent, const std::string& results) {
    const bool is_while = in.code == Opcode::while_;
    const Block& body = *in.blocks[is_while ? 1 : 0];
    std::string carried;
    const std::size_t skip = is_while ? 0 : 1;
    for (std::size_t i = skip; i < body.parameters.size(); ++i)
      carried += fmt::format("{}{} = {}", i > skip ? ", " : "", place(body.parameters[i]), place(in.operands[i]));
    if (!carried.empty()) carried = " carrying (" + carried + ")";
    if (is_while) {
      line(indent, results + "while" + carried + ":");
      block(*in.blocks[0], indent + 1);
      line(indent, "do:");
    } else {
      line(indent, results + "for " + place(body.parameters[0]) + " in " + place(in.operands[0]) + carried + ":");
    }
    block(body, indent + 1);
    const Block& otherwise = *in.blocks.back();
    if (otherwise.body.size() <= 1) return;
    line(indent, "else:");
    block(otherwise, indent + 1);
  }

  const Program& program_;
  const Function* function_ = nullptr;
  std::string out_;
};

}  // namespace

std::string_view name(Opcode code) { return kNames[static_cast<int>(code)]; }

std::string print(const Program& program) { return Printer(program).print(); }

std::string print(const Program& program, const Function& function, const Instruction& instruction) {
  return Printer(program).print(function, instruction);
}

int SubscriptShape::operand_count() const {
  int count = 0;
  for (bool slice : is_slice) count += slice ? 3 : 1;
  return count;
}

int PathStepShape::operand_count() const {
  if (kind == Kind::subscript) return subscript.operand_count();
  return kind == Kind::method ? call.positional + static_cast<int>(call.keywords.size()) : 0;
}

}  // namespace inlay::ir
