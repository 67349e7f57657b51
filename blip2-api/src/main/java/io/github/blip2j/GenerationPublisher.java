package io.github.blip2j;

import io.github.blip2j.generation.TextPiece;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * A text as a reactive stream: each subscriber gets a generation of its own, and what it requests
 * is computed in the thread that requests it.
 */
record GenerationPublisher(Supplier<Generation> source) implements Flow.Publisher<TextPiece> {
  @Override
  public void subscribe(Flow.Subscriber<? super TextPiece> subscriber) {
    Objects.requireNonNull(subscriber, "subscriber");
    Generation generation;
    try {
      generation = source.get();
    } catch (RuntimeException e) {
      subscriber.onSubscribe(new Nothing());
      subscriber.onError(e);
      return;
    }
    try {
      subscriber.onSubscribe(new Demand(generation, subscriber));
    } catch (RuntimeException | Error e) { // it will never ask for anything
      generation.close();
      throw e;
    }
  }

  /** The subscription of a text that could not start. */
  private static final class Nothing implements Flow.Subscription {
    @Override
    public void request(long n) {}

    @Override
    public void cancel() {}
  }

  /**
   * Hands pieces out as they are requested; a request from within {@code onNext} only adds to them.
   */
  private static final class Demand implements Flow.Subscription {
    private final Generation generation;
    private final Flow.Subscriber<? super TextPiece> subscriber;
    private final AtomicLong wanted = new AtomicLong();
    private final AtomicBoolean ended = new AtomicBoolean();

    Demand(Generation generation, Flow.Subscriber<? super TextPiece> subscriber) {
      this.generation = generation;
      this.subscriber = subscriber;
    }

    @Override
    public void request(long n) {
      if (n <= 0) {
        end(
            () ->
                subscriber.onError(
                    new IllegalArgumentException("request (" + n + ") must be above 0")));
        return;
      }
      long before = wanted.getAndAccumulate(n, Demand::add);
      if (before == 0) {
        serve();
      }
    }

    private static long add(long a, long b) {
      return a + b < 0 ? Long.MAX_VALUE : a + b;
    }

    private void serve() {
      try {
        do {
          if (ended.get()) {
            generation.close();
            return;
          }
          subscriber.onNext(generation.next());
          if (generation.result().isPresent()) {
            end(subscriber::onComplete);
            return;
          }
        } while (wanted.decrementAndGet() > 0);
        if (ended.get()) {
          generation.close();
        }
      } catch (RuntimeException e) {
        end(() -> subscriber.onError(e));
      } catch (Error e) {
        ended.set(true);
        generation.close();
        throw e;
      }
    }

    private void end(Runnable signal) {
      if (ended.compareAndSet(false, true)) {
        generation.close();
        signal.run();
      }
    }

    /** Ends the text: at once if nothing is being computed, else after the token under way. */
    @Override
    public void cancel() {
      if (ended.compareAndSet(false, true)) {
        generation.cancel();
        if (wanted.compareAndSet(0, 1)) {
          generation.close();
        }
      }
    }
  }
}
