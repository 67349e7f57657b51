package io.github.blip2j.internal.decoding;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.family.TextConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The session in which rows of several texts take steps together. It exists while any of them is in
 * it: the first to join makes it, with a copy of its own. For one thread at a time, the leader's.
 */
final class SharedRows {
  private static final int GRAIN = 64; // positions by which capacity grows

  private final TextConfig config;
  private List<Place> present = new ArrayList<>(); // in the order of their rows
  private @Nullable Proposer session;
  private int capacity;
  private float[] logits = new float[0];

  SharedRows(TextConfig config) {
    this.config = config;
  }

  /** Whose rows are in it; not to be changed. */
  List<Place> present() {
    return present;
  }

  /** Whether its sessions look ahead when a text is alone. */
  boolean looksAhead() {
    return session != null && !(session instanceof Proposer.None);
  }

  /** Positions that rows of these places need. */
  int capacity(List<Place> places) {
    int needed = places.stream().mapToInt(p -> p.capacity).max().orElse(1);
    return Math.min(config.maxPositions(), (needed + GRAIN - 1) / GRAIN * GRAIN);
  }

  /**
   * Gives a place a session of its own with its rows; they stay until {@link #keep}.
   *
   * @return why it got none: there is no memory for it
   */
  Optional<InferenceException> giveBack(Place place) {
    Proposer of = Objects.requireNonNull(session);
    try {
      place.leave(of.fork(rowsOf(place), place.capacity));
      return Optional.empty();
    } catch (InferenceException e) {
      return Optional.of(memoryIsShort(e));
    }
  }

  /** Throws it again if it is anything else. */
  private static InferenceException memoryIsShort(InferenceException e) {
    if (!(e.getCause() instanceof OutOfMemoryError)) {
      throw e;
    }
    return e;
  }

  private int[] rowsOf(Place place) {
    int first = 0;
    for (Place before : present) {
      if (before == place) {
        break;
      }
      first += before.held();
    }
    int start = first;
    return IntStream.of(place.order()).map(row -> start + row).toArray();
  }

  /** Drops the rows of all others, and moves those of these as they want. */
  void keep(List<Place> staying) {
    if (staying.isEmpty()) {
      present.forEach(p -> p.settle(0));
      close();
      return;
    }
    int[] rows = staying.stream().flatMapToInt(p -> IntStream.of(rowsOf(p))).toArray();
    int held = present.stream().mapToInt(Place::held).sum();
    Proposer of = Objects.requireNonNull(session);
    boolean same = rows.length == of.session().rows() && held == rows.length;
    for (int i = 0; same && i < rows.length; i++) {
      same = rows[i] == i;
    }
    if (!same) {
      of.session().select(rows);
    }
    present.stream().filter(p -> !staying.contains(p)).forEach(p -> p.settle(0));
    staying.forEach(p -> p.settle(p.order().length));
    present = new ArrayList<>(staying);
  }

  /**
   * Takes rows in, behind those that are there, until there is no memory for more.
   *
   * @return those who found none, in their order; they keep sessions of their own
   */
  List<Place> add(List<Place> joining) {
    List<Place> all = new ArrayList<>(present);
    all.addAll(joining);
    int needed = capacity(all);
    for (int i = 0; i < joining.size(); i++) {
      try {
        add(joining.get(i), needed);
      } catch (InferenceException e) {
        memoryIsShort(e);
        return joining.subList(i, joining.size());
      }
    }
    return List.of();
  }

  private void add(Place place, int needed) {
    int[] rows = IntStream.range(0, place.rows()).toArray();
    Proposer of = session;
    if (of == null) {
      session = place.own().fork(rows, needed);
      capacity = needed;
    } else {
      roomFor(needed, of);
      Objects.requireNonNull(session).session().adopt(place.own().session(), rows);
    }
    place.join();
    present.add(place);
  }

  /** Also makes it smaller again, when what was long has left. */
  private void roomFor(int needed, Proposer of) {
    if (needed > capacity || 2 * needed <= capacity) {
      int[] all = IntStream.range(0, of.session().rows()).toArray();
      session = of.fork(all, needed);
      capacity = needed;
      of.session().close();
    }
  }

  /** Appends each present row its token, and gives each place its logits. */
  void step() {
    int[][] tokens =
        present.stream().flatMap(p -> List.of(p.tokens).stream()).toArray(int[][]::new);
    int size = tokens.length * config.vocabularySize();
    if (logits.length < size) {
      logits = new float[size];
    }
    Objects.requireNonNull(session).session().append(new float[0], tokens, logits);
    int from = 0;
    for (Place place : present) {
      int own = place.tokens.length * config.vocabularySize();
      System.arraycopy(logits, from, place.logits, 0, own);
      from += own;
      place.advance();
    }
  }

  /** Forgets all; whoever was present has failed or left. */
  void close() {
    Proposer of = session;
    session = null;
    capacity = 0;
    present = new ArrayList<>();
    if (of != null) {
      of.session().close();
    }
  }
}
