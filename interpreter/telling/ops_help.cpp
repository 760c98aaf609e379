// ops_help.cpp - the row of help(). The texts are found by help.cpp.
#include "interpreter/machine/evaluator.h"
#include "interpreter/operations/op_table.h"
#include "interpreter/telling/help.h"

namespace inlay {
namespace {

Value op_help(OpCall& call) {
  const Value& subject = call[0];
  const std::string text = subject.is_none()     ? help_overview()
                           : subject.is_string() ? help_on_name(string_argument(subject, "object"))
                                                 : help_on_value(subject);
  call.evaluator.print(text);
  return Value::none();
}

constexpr OpRow kRows[] = {
    {"help", "object=None", kPython, ResultKind::any, op_help},
};

}  // namespace

std::span<const OpRow> help_ops() { return kRows; }

}  // namespace inlay
