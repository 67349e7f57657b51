package io.github.blip2j.server;

import io.github.blip2j.core.Blip2Exception;
import io.github.blip2j.server.http.Call;
import io.github.blip2j.server.http.ClientGone;
import io.github.blip2j.server.http.Refusal;
import io.github.blip2j.server.http.Reply;
import io.github.blip2j.server.http.Service;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What every request goes through: the guard, its route, and the log. */
final class Gate implements Service {
  private static final Logger LOG = LoggerFactory.getLogger(Gate.class);
  private static final int LONGEST_PATH = 200;
  private static final int CLIENT_LEFT = 499;

  private final ServerOptions options;
  private final Guard guard;
  private final Services services;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition idle = lock.newCondition();
  private int open;
  private boolean stopping;

  Gate(ServerOptions options, Services services) {
    this.options = options;
    this.services = services;
    guard = new Guard(options.access());
  }

  @Override
  public void serve(Call call) {
    Instant time = Instant.now();
    long start = System.nanoTime();
    boolean welcome = enter();
    String route = "none";
    try {
      route = answer(call, welcome);
    } finally {
      leave(welcome);
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      int status = call.status() == 0 ? CLIENT_LEFT : call.status();
      services.metrics().answered(call.method(), route, status, took);
      options
          .accessLog()
          .accept(
              new AccessEntry(
                  time, call.client(), call.method(), path(call), status, call.sent(), took));
    }
  }

  private static String path(Call call) {
    String path = call.path();
    return path.length() > LONGEST_PATH ? path.substring(0, LONGEST_PATH) : path;
  }

  /** Answers, and gives the path of the route. */
  private String answer(Call call, boolean welcome) {
    call.add("X-Content-Type-Options", "nosniff");
    call.add("Cache-Control", "no-store");
    String route = "none";
    try {
      guard.checkPlace(call);
      if (call.method().equals("OPTIONS")) { // a browser asks before it sends
        call.reply(Reply.empty(204));
        return route;
      }
      Routes.Found found = services.routes().find(call.method(), call.path());
      route = found.route().path();
      if (found.route().kind() != Route.Kind.OPEN) {
        guard.checkToken(call);
      }
      if (!welcome) {
        call.add("Connection", "close");
        throw Admission.stopping();
      }
      handle(call, found);
    } catch (ClientGone e) {
      LOG.debug("{} left: {}", call.client(), e.getMessage());
    } catch (Refusal e) {
      refuse(call, e);
    } catch (Blip2Exception | IllegalArgumentException | IllegalStateException e) {
      refuse(call, Failures.refusal(e));
    }
    return route;
  }

  private void handle(Call call, Routes.Found found) {
    if (found.route().kind() != Route.Kind.MODEL) {
      found.route().handler().handle(new Work(call, found.id(), null, services.beats()));
      return;
    }
    try (Admission.Ticket ticket = services.admission().ticket()) {
      found.route().handler().handle(new Work(call, found.id(), ticket, services.beats()));
    }
  }

  private static void refuse(Call call, Refusal refusal) {
    if (call.status() != 0) {
      throw refusal; // a stream says it itself
    }
    refusal.headers().forEach(call::add);
    try {
      call.reply(Reply.json(refusal.status(), Json.error(refusal)));
    } catch (ClientGone e) {
      LOG.debug("{} did not wait for its error: {}", call.client(), e.getMessage());
    }
  }

  /** Notes a request, and whether it comes before the end. */
  private boolean enter() {
    lock.lock();
    try {
      if (!stopping) {
        open++;
      }
      return !stopping;
    } finally {
      lock.unlock();
    }
  }

  private void leave(boolean welcome) {
    lock.lock();
    try {
      if (welcome && --open == 0) {
        idle.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Takes no more requests, and waits for those that have begun. An interrupt ends the waiting. */
  void finish(Duration patience) {
    long left = patience.toNanos();
    lock.lock();
    try {
      stopping = true;
      while (open > 0 && left > 0) {
        left = idle.awaitNanos(left);
      }
      if (open > 0) {
        LOG.warn("{} requests are cut off after {}", open, patience);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }
}
