// function.hpp - a C++ function as a function of the language: arguments checked and converted by their types.
// Part of the public interface; include <inlay/inlay.hpp>.
// Invariant: the host's function runs only after every argument has been converted.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "inlay/value.hpp"

namespace inlay {
inline namespace v1 {

/// What a script calls: positional arguments in, a value out. Throwing an Exception raises its error in the script,
/// any other std::exception a RuntimeError with its what().
using HostFunction = std::function<Value(std::span<const Value>)>;

namespace detail {

/// Result and parameter types of anything callable that is not overloaded.
template <class F>
struct Signature : Signature<decltype(&F::operator())> {};
template <class R, class... A>
struct Signature<R (*)(A...)> {
  using Result = R;
  using Arguments = std::tuple<std::remove_cvref_t<A>...>;
};
template <class R, class... A>
struct Signature<R (*)(A...) noexcept> : Signature<R (*)(A...)> {};
template <class C, class R, class... A>
struct Signature<R (C::*)(A...)> : Signature<R (*)(A...)> {};
template <class C, class R, class... A>
struct Signature<R (C::*)(A...) const> : Signature<R (*)(A...)> {};
template <class C, class R, class... A>
struct Signature<R (C::*)(A...) noexcept> : Signature<R (*)(A...)> {};
template <class C, class R, class... A>
struct Signature<R (C::*)(A...) const noexcept> : Signature<R (*)(A...)> {};

template <class T>
struct is_view : std::false_type {};
template <class T, std::int64_t... Sizes>
struct is_view<View<T, Sizes...>> : std::true_type {
  static Expected<View<T, Sizes...>> of(const Value& value) { return value.view<T, Sizes...>(); }
};

/// The argument as a T, which borrows from `value` if it is a View.
template <class T>
Expected<T> convert(const Value& value) {
  if constexpr (std::same_as<T, Value>)
    return value;
  else if constexpr (is_view<T>::value)
    return is_view<T>::of(value);
  else
    return value.as<T>();
}

/// The same; throws an Exception that names the function and the argument.
template <class T>
T argument(const Value& value, std::size_t at, const std::string& name) {
  auto converted = convert<T>(value);
  if (converted) return *std::move(converted);
  const Error& error = converted.error();
  throw Exception(error.kind(), name + "() argument " + std::to_string(at + 1) + ": " + error.message());
}

template <class F, class... A, std::size_t... I>
Value call(F& function, [[maybe_unused]] const std::string& name, [[maybe_unused]] std::span<const Value> values,
           std::tuple<A...>*, std::index_sequence<I...>) {
  std::tuple<A...> arguments{argument<A>(values[I], I, name)...};
  using Result = std::invoke_result_t<F&, A&...>;
  static_assert(
      std::is_void_v<Result> || std::is_constructible_v<Value, Result>,
      "a function of the host's returns nothing, or what a Value is made from: a number, a text, a std::vector "
      "of numbers, a Value");
  if constexpr (std::is_void_v<Result>)
    return std::apply(function, arguments), Value();
  else if constexpr (std::is_constructible_v<Value, Result>)
    return Value(std::apply(function, arguments));
  else
    return Value();
}

/// How many arguments F takes.
template <class F>
inline constexpr std::size_t arity = std::tuple_size_v<typename Signature<F>::Arguments>;

template <class F>
HostFunction host_function(std::string name, F function) {
  return [name = std::move(name), function = std::move(function)](std::span<const Value> values) mutable {
    using Arguments = typename Signature<F>::Arguments;
    return call(function, name, values, static_cast<Arguments*>(nullptr), std::make_index_sequence<arity<F>>());
  };
}

}  // namespace detail
}  // namespace v1
}  // namespace inlay
