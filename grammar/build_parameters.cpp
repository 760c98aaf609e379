// build_parameters.cpp - the parameters of `def` and `lambda`.
// Knows the order that Python demands of them, and CPython's words for each breach.
// Invariant: names are distinct; positional-only ones come first, keyword-only ones last.
#include <set>

#include "grammar/builder.h"
#include "grammar/parse.h"

namespace inlay::grammar {

ast::Parameter Builder::parameter(const Node& node) {
  ast::Parameter result;
  for (const Node* part : children(node)) {
    switch (part->kind) {
      case Kind::identifier:
        result.name = text(*part);
        result.name_span = part->span;
        break;
      case Kind::annotation:
        result.annotation = expression(*part);
        break;
      default:
        result.default_value = expression(*part);
        break;
    }
  }
  return result;
}

namespace {

/// The order of parameters, checked as CPython does.
class ParameterOrder {
 public:
  std::vector<ast::Parameter> take() { return std::move(parameters_); }

  void slash(Span span) {
    if (slash_) throw SyntaxError("/ may appear only once", span);
    if (star_) throw SyntaxError("/ must be ahead of *", span);
    if (parameters_.empty()) throw SyntaxError("at least one argument must precede /", span);
    slash_ = true;
    for (ast::Parameter& parameter : parameters_) parameter.kind = ast::Parameter::Kind::positional_only;
  }

  void star(ast::Parameter parameter, Span span) {
    if (star_) throw SyntaxError("* argument may appear only once", span);
    star_ = true;
    bare_star_ = span;
    wants_name_ = parameter.name.empty();
    if (wants_name_) return;
    parameter.kind = ast::Parameter::Kind::star_args;
    add(std::move(parameter));
  }

  void plain(ast::Parameter parameter) {
    using enum ast::Parameter::Kind;
    parameter.kind = star_ ? keyword_only : positional;
    wants_name_ = false;
    if (parameter.default_value != nullptr && !star_) {
      defaults_ = true;
    } else if (defaults_ && !star_) {
      throw SyntaxError("parameter without a default follows parameter with a default", parameter.name_span);
    }
    add(std::move(parameter));
  }

  void end() const {
    if (wants_name_) throw SyntaxError("named arguments must follow bare *", bare_star_);
  }

 private:
  void add(ast::Parameter parameter) {
    if (!names_.insert(parameter.name).second) {
      throw SyntaxError("duplicate argument '" + std::string(parameter.name) + "' in function definition",
                        parameter.name_span);
    }
    parameters_.push_back(std::move(parameter));
  }

  std::vector<ast::Parameter> parameters_;
  std::set<std::string_view> names_;
  bool slash_ = false, star_ = false, defaults_ = false, wants_name_ = false;
  Span bare_star_;
};

}  // namespace

std::vector<ast::Parameter> Builder::parameters(const Node& node) {
  ParameterOrder order;
  for (const Node* part : children(node)) {
    switch (part->kind) {
      case Kind::slash_parameter:
        order.slash(part->span);
        break;
      case Kind::star_parameter:
      case Kind::lambda_star_parameter:
        order.star(parameter(*part), part->span);
        break;
      default:
        order.plain(parameter(*part));
        break;
    }
  }
  order.end();
  return order.take();
}

}  // namespace inlay::grammar
