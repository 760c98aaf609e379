// error.cpp - names of the error kinds, and the way out when an invariant of ours is broken.
// Knows nothing of who reports errors.
#include "runtime/memory/error.h"

namespace inlay {

std::string_view name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::SyntaxError:
      return "SyntaxError";
    case ErrorKind::NameError:
      return "NameError";
    case ErrorKind::TypeError:
      return "TypeError";
    case ErrorKind::ValueError:
      return "ValueError";
    case ErrorKind::IndexError:
      return "IndexError";
    case ErrorKind::KeyError:
      return "KeyError";
    case ErrorKind::AttributeError:
      return "AttributeError";
    case ErrorKind::ZeroDivisionError:
      return "ZeroDivisionError";
    case ErrorKind::OverflowError:
      return "OverflowError";
    case ErrorKind::AssertionError:
      return "AssertionError";
    case ErrorKind::ImportError:
      return "ImportError";
    case ErrorKind::MemoryError:
      return "MemoryError";
    case ErrorKind::RecursionError:
      return "RecursionError";
    case ErrorKind::LinAlgError:
      return "LinAlgError";
    case ErrorKind::LimitExceeded:
      return "LimitExceeded";
    case ErrorKind::KeyboardInterrupt:
      return "KeyboardInterrupt";
    case ErrorKind::RuntimeError:
      return "RuntimeError";
    case ErrorKind::InternalError:
      break;
  }
  return "InternalError";
}

Error::Error(ErrorKind kind, std::string message) : kind_(kind), message_(std::move(message)) {
  if (message_.size() <= kMostMessage) return;
  std::size_t end = kMostMessage - 3;                                        // room for the dots
  while ((static_cast<unsigned char>(message_[end]) & 0xC0) == 0x80) --end;  // whole characters of UTF-8
  message_.resize(end);
  message_ += "...";
  message_.shrink_to_fit();
}

void internal_error(const char* condition, const char* file, int line) {
  const std::string_view path(file);
  raise(ErrorKind::InternalError, "{} does not hold ({}:{}); please report this", condition,
        path.substr(path.find_last_of('/') + 1), line);
}

}  // namespace inlay
