// Serves the page of a run, as a program: `hourglass watch` runs it. The one file that includes
// httplib.h.

#include <fmt/core.h>
#include <httplib.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "tensor/error.h"
#include "tools/command_line.h"
#include "tools/report/live.h"
#include "tools/room.h"

namespace hourglass::tools {
namespace {

using httplib::Request;
using httplib::Response;
using httplib::Server;

constexpr const char* kAddress = "127.0.0.1";
constexpr std::chrono::milliseconds kLook(250);  // from one look at the folder to the next
constexpr int kLooksPerPing = 40;
constexpr std::size_t kThreads = 32;  // each holds one that looks on

// Others on the network are not heard; pages of other sites, which have names of their own, neither.
bool is_meant(const Request& request, int port) {
  const std::string host = request.get_header_value("Host");
  return host == fmt::format("127.0.0.1:{}", port) || host == fmt::format("localhost:{}", port);
}

Server::HandlerResponse refuse(Response& response, int status, const std::string& why) {
  response.status = status;
  response.set_content(why + "\n", "text/plain");
  return Server::HandlerResponse::Handled;
}

void write_events(httplib::DataSink& sink, LiveEvents& events, const std::atomic<bool>& ends) {
  std::string text = events.next();
  for (int looks = 0; text.empty() && looks < kLooksPerPing && !ends; ++looks) {
    std::this_thread::sleep_for(kLook);
    text = events.next();
  }
  if (text.empty()) text = ": nothing new\n\n";  // is anybody there?
  sink.write(text.data(), text.size());
}

void add_answers(Server& server, const std::string& run, int port, const std::atomic<bool>& ends) {
  server.set_default_headers({{"Cache-Control", "no-store"},
                              {"X-Content-Type-Options", "nosniff"},
                              {"Cross-Origin-Resource-Policy", "same-origin"},
                              {"Referrer-Policy", "no-referrer"}});
  server.set_pre_routing_handler([port](const Request& request, Response& response) {
    if (!is_meant(request, port)) return refuse(response, 403, "not for this host");
    if (request.method == "GET") return Server::HandlerResponse::Unhandled;
    response.set_header("Allow", "GET");
    return refuse(response, 405, "only GET is answered");
  });
  server.Get("/", [run](const Request&, Response& response) {
    try {
      response.set_content(live_page(run), "text/html; charset=utf-8");
    } catch (const Error& error) {
      refuse(response, 503, error.what());
    }
  });
  server.Get("/events", [run, &ends](const Request&, Response& response) {
    const auto events = std::make_shared<LiveEvents>(run);
    response.set_chunked_content_provider("text/event-stream",
                                          [events, &ends](std::size_t, httplib::DataSink& sink) {
                                            if (!ends) write_events(sink, *events, ends);
                                            return !ends;
                                          });
  });
}

int bound(Server& server, const std::string& run, std::int64_t port) {
  if (port < 0 || port > 65535) {
    throw Error(fmt::format("watch: port: expected 0 to 65535: got {}", port));
  }
  server.set_address_family(AF_INET);
  server.set_socket_options([](socket_t socket) {  // no port that another process listens on
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  if (port == 0) return server.bind_to_any_port(kAddress);
  if (server.bind_to_port(kAddress, static_cast<int>(port))) return static_cast<int>(port);
  throw Error(
      fmt::format("watch: {}: port {} of {} is taken: choose another by --port, or --port 0 for "
                  "one that is free",
                  run, port, kAddress));
}

// Signals that end it are waited for, in this thread alone.
int watch(const std::string& run, std::int64_t asked) {
  live_page(run);
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  Server server;
  std::atomic<bool> ends = false;
  const int port = bound(server, run, asked);
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server.set_keep_alive_timeout(1);
  server.set_payload_max_length(0);
  add_answers(server, run, port, ends);
  std::thread answering([&] { server.listen_after_bind(); });
  fmt::print("{} as it learns: http://{}:{}/ (Ctrl-C ends this)\n", run, kAddress, port);
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  ends = true;
  server.stop();
  answering.join();
  return kDone;
}

int run(int argc, char** argv) {
  CommandLine program("Serves the page of a run on this machine alone, live while it trains.",
                      "hourglass-watch", HOURGLASS_VERSION);
  std::string folder;
  std::int64_t port = 0;
  const Command whole = program.whole();
  whole.add_option("run", folder, "The run folder").required();
  whole.add_option("--port", port, "Of 127.0.0.1; 0: any that is free");
  if (const std::optional<int> ended = program.read(argc, argv)) return *ended;
  return watch(folder, port);
}

}  // namespace
}  // namespace hourglass::tools

int main(int argc, char** argv) {
  using namespace hourglass::tools;
  return with_stack([&] { return guarded([&] { return run(argc, argv); }); });
}
