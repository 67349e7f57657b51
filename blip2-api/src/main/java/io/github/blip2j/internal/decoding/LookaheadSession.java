package io.github.blip2j.internal.decoding;

import io.github.blip2j.spi.LanguageSession;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The session that decoding works with. It may be ahead of its caller: behind the caller's last
 * tokens it holds further ones that a {@link Proposer} has proposed, with the model's own logits
 * after each. They serve as long as the caller appends just these; then what is left is taken back.
 * And its rows may be among those of other callers, with whom it then takes its steps. So whoever
 * uses it sees a session like any other, whether there is lookahead, or company, or not. For one
 * thread.
 */
public final class LookaheadSession implements LanguageSession {
  private final Place place;
  private final @Nullable SharedSteps steps;
  private final int vocabulary;
  private final Ahead ahead;

  /**
   * Takes over a session with what proposes to it.
   *
   * @param steps that are shared with other sessions, or none
   */
  LookaheadSession(Proposer proposer, int capacity, @Nullable SharedSteps steps, int vocabulary) {
    this.place = new Place(proposer, capacity, steps == null ? this : steps);
    this.steps = steps;
    this.vocabulary = vocabulary;
    this.ahead = new Ahead(vocabulary);
  }

  /**
   * What a caller appends.
   *
   * @param features as for {@link #append}, as are the tokens
   * @param tokens ids of each row
   * @param logits receives what follows
   */
  @SuppressWarnings("ArrayRecordComponent") // lent to one call, not compared
  record Given(float[] features, int[][] tokens, float[] logits) {
    /** Whether it is one token for each row. */
    boolean isStep() {
      return features.length == 0 && IntStream.range(0, tokens.length).allMatch(this::isOne);
    }

    private boolean isOne(int row) {
      return tokens[row].length == 1;
    }
  }

  @Override
  public int rows() {
    return place.rows();
  }

  @Override
  public int length(int row) {
    return place.length(row) - ahead.left();
  }

  /** Of a caller of whom nothing is known: it goes no further ahead. */
  @Override
  public void append(float[] features, int[][] tokens, float[] logits) {
    if (!accept(features, tokens, logits)) {
      takeBack();
      LanguageSession own = own().session();
      if (steps == null) {
        own.append(features, tokens, logits);
      } else {
        steps.turns().tryDuring(Patience.ENDLESS, () -> own.append(features, tokens, logits));
      }
    }
  }

  @Override
  public void appendEach(int[] tokens, float[] logits) {
    takeBack();
    own().session().appendEach(tokens, logits);
  }

  /**
   * Appends for a caller who may wait for others.
   *
   * @param foresight what is known of the tokens to come, if anything is
   * @return whether it has been done; else the patience has ended, and nothing has changed
   */
  boolean append(Given given, Optional<Foresight> foresight, Patience patience) {
    if (accept(given.features(), given.tokens(), given.logits())) {
      return true;
    }
    takeBack();
    Runnable alone = () -> alone(given, foresight);
    if (steps == null) {
      alone.run();
      return true;
    }
    if (given.isStep() && length(0) > 0 && rows() <= steps.maxRows()) {
      place.tokens = given.tokens();
      place.logits = given.logits();
      return steps.step(place, patience, alone);
    }
    own();
    return steps.turns().tryDuring(patience, alone);
  }

  /** In the session of its own, and ahead if that seems worth while. */
  private void alone(Given given, Optional<Foresight> foresight) {
    Proposer own = place.own();
    if (foresight.isPresent()
        && own.propose(given.features(), given.tokens(), foresight.get(), ahead)) {
      ahead.give(given.logits(), own.session().rows());
    } else {
      own.session().append(given.features(), given.tokens(), given.logits());
    }
  }

  /** The caller's texts have ended: nobody waits for their next step. */
  void rest() {
    if (steps != null) {
      steps.rest(place);
    }
  }

  /** Has its rows for itself. */
  private Proposer own() {
    if (steps != null) {
      steps.giveBack(place);
    }
    return place.own();
  }

  /** Whether these are the tokens of the next step ahead, whose logits are then given. */
  private boolean accept(float[] features, int[][] tokens, float[] logits) {
    if (features.length > 0 || logits.length < rows() * vocabulary || !ahead.accept(tokens)) {
      return false;
    }
    place.own().accepted();
    ahead.give(logits, rows());
    return true;
  }

  /** Takes back what the caller did not append; only its own session goes ahead. */
  private void takeBack() {
    if (ahead.held() > 0) {
      Proposer own = place.own();
      if (ahead.left() > 0) {
        own.session().truncate(length(0)); // all rows have one length
      }
      own.learn(ahead.held(), ahead.accepted());
      ahead.hold(new int[0][]);
    }
  }

  /**
   * Scores candidates that go on from the only row, which is left as it is.
   *
   * @param logits (V) what follows the row
   * @param candidates ids of each, at least one a candidate
   * @param mostRows that are computed together
   * @return for each candidate the sum of its tokens' log-probabilities
   */
  public double[] score(float[] logits, List<int[]> candidates, int mostRows) {
    return CandidateTree.score(this, logits, candidates, mostRows);
  }

  /** What its passes wait for. */
  Turns turns() {
    return steps == null ? Turns.unlimited() : steps.turns();
  }

  /** The session beneath, no longer ahead: for work that no proposal could serve. */
  LanguageSession alone() {
    takeBack();
    return own().session();
  }

  @Override
  public void select(int[] rows) {
    int before = rows();
    place.select(rows); // with what is ahead: all rows have the same steps of it
    if (ahead.left() > 0) {
      ahead.select(rows, before);
    }
  }

  @Override
  public void truncate(int length) {
    takeBack();
    own().session().truncate(length);
  }

  @Override
  public LookaheadSession fork(int[] rows, int capacity) {
    takeBack();
    return new LookaheadSession(own().fork(rows, capacity), capacity, steps, vocabulary);
  }

  @Override
  public void adopt(LanguageSession other, int[] rows) {
    takeBack();
    LanguageSession own = own().session();
    own.adopt(other instanceof LookaheadSession ahead ? ahead.alone() : other, rows);
  }

  @Override
  public void close() {
    if (steps != null) {
      steps.close(place);
    }
    place.close();
  }
}
