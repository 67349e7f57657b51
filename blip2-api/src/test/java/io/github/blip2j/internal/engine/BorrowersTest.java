package io.github.blip2j.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class BorrowersTest {
  private final Borrowers borrowers = new Borrowers();
  private final AtomicInteger closed = new AtomicInteger();

  private final class One implements Borrowers.Borrower {
    @Override
    public void cancel() {}

    @Override
    public void close() {
      closed.incrementAndGet();
      borrowers.remove(this);
    }

    @Override
    public boolean isUsedHere() {
      return false;
    }
  }

  /** The next one that opens closes it, once the collector has found that nobody holds it. */
  @Test
  @Timeout(60)
  void whatIsForgottenIsClosed() {
    Object held = new Object();
    borrowers.add(held, new One());
    borrowers.add(new Object(), new One());
    int others = 0;
    while (closed.get() == 0) {
      System.gc();
      One other = new One();
      Object owner = new Object();
      borrowers.add(owner, other);
      borrowers.remove(other);
      others++;
      assertThat(owner).isNotSameAs(held);
    }
    assertThat(others).isPositive();
    assertThat(closed).hasValue(1);
    assertThat(borrowers.count()).isEqualTo(1);
    borrowers.close();
    assertThat(closed).hasValue(2);
    assertThat(borrowers.count()).isZero();
    assertThat(held).isNotNull();
  }
}
