package io.github.blip2j.session;

import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;

class SessionCountTest {
  @Test
  void aModelClosesAfterItsSessions() {
    SessionCount count = new SessionCount();
    SessionCount.Lease first = count.open();
    SessionCount.Lease second = count.open();
    assertThatIllegalStateException().isThrownBy(count::close).withMessageContaining("2 of them");
    first.close();
    assertThatIllegalStateException().isThrownBy(count::close).withMessageContaining("1 of them");
    second.close();
    count.close();
    count.close();
    assertThatIllegalStateException()
        .isThrownBy(count::open)
        .withMessage("the model must be open, but it has been closed");
  }
}
