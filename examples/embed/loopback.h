// loopback.h - requests and answers over TCP on this machine, for server.cpp and its peer in bench/: a message is a
// number of floats and the floats. Knows nothing of what is computed.
// Invariant: one thread serves one connection, from its beginning to its end.
#pragma once

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace loopback {

/// Computes the answer to a request.
using Handler = std::function<void(std::span<const float> request, std::vector<float>& answer)>;

/// A socket, closed at its end.
class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {
    if (descriptor < 0) throw std::runtime_error("no connection");
  }
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&&) = delete;
  ~Socket() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  [[nodiscard]] int get() const { return descriptor_; }

  /// False at the end of the connection.
  bool receive(std::vector<float>& message) const {
    std::uint32_t count = 0;
    if (!receive_bytes(&count, sizeof count)) return false;
    message.resize(count);
    return receive_bytes(message.data(), count * sizeof(float));
  }
  void send_message(std::span<const float> message) const {
    const auto count = static_cast<std::uint32_t>(message.size());
    std::vector<char> bytes(sizeof count + message.size_bytes());
    std::copy_n(reinterpret_cast<const char*>(&count), sizeof count, bytes.data());
    std::copy_n(reinterpret_cast<const char*>(message.data()), message.size_bytes(), bytes.data() + sizeof count);
    for (std::size_t sent = 0; sent < bytes.size();) {
      const auto now = send(descriptor_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (now <= 0) throw std::runtime_error("the connection broke");
      sent += static_cast<std::size_t>(now);
    }
  }

 private:
  bool receive_bytes(void* to, std::size_t size) const {
    auto* at = static_cast<char*>(to);
    while (size > 0) {
      const auto now = recv(descriptor_, at, size, 0);
      if (now <= 0) return false;
      at += now, size -= static_cast<std::size_t>(now);
    }
    return true;
  }
  int descriptor_;
};

inline void send_at_once(const Socket& socket) {
  const int yes = 1;
  setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

/// A socket that listens on a free port of this machine, and where.
struct Listener {
  Listener() : socket(::socket(AF_INET, SOCK_STREAM, 0)) {
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const where = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    if (bind(socket.get(), where, size) != 0 || listen(socket.get(), 64) != 0 ||
        getsockname(socket.get(), where, &size) != 0)
      throw std::runtime_error("no port");
  }
  [[nodiscard]] Socket accept_one() const { return Socket(accept(socket.get(), nullptr, nullptr)); }
  [[nodiscard]] Socket connect_to() const {
    Socket out(::socket(AF_INET, SOCK_STREAM, 0));
    if (connect(out.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("nobody answers");
    return out;
  }
  Socket socket;
  sockaddr_in address{};
};

/// What came of a number of requests.
struct Report {
  double checksum = 0;  // of all answers
  double seconds = 0;
};

/// Serves `workers` connections by a thread each, with a handler of its own from `make_handler`, called on that thread;
/// as many clients send `requests` messages of `size` floats each, one after the other.
inline Report run(int workers, int requests, int size, const std::function<Handler()>& make_handler) {
  const Listener listener;
  std::vector<std::thread> threads;
  std::vector<double> sums(static_cast<std::size_t>(workers));
  const auto begin = std::chrono::steady_clock::now();
  for (int at = 0; at < workers; ++at) {
    threads.emplace_back([&] {
      const Socket connection = listener.accept_one();
      send_at_once(connection);
      const Handler handle = make_handler();
      for (std::vector<float> request, answer; connection.receive(request);) {
        handle(request, answer);
        connection.send_message(answer);
      }
    });
    threads.emplace_back([&, at] {
      const Socket connection = listener.connect_to();
      send_at_once(connection);
      std::vector<float> message(static_cast<std::size_t>(size)), answer;
      for (int request = 0; request < requests; ++request) {
        for (std::size_t i = 0; i < message.size(); ++i)
          message[i] = static_cast<float>(at + request % 7) - static_cast<float>(i % 5);
        connection.send_message(message);
        if (!connection.receive(answer)) throw std::runtime_error("no answer");
        for (const float value : answer) sums[static_cast<std::size_t>(at)] += static_cast<double>(value);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Report out;
  for (const double sum : sums) out.checksum += sum;
  out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return out;
}

}  // namespace loopback
