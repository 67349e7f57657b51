package io.github.blip2j.internal.decoding;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.family.TextConfig;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Steps that texts of many threads take together (continuous batching, Yu et al. 2022, "Orca").
 * Each thread keeps its own search; what it shares is the pass over the weights. A text brings the
 * next token of its rows and waits. One of those who wait leads: it lets the others of the last
 * step come back for a moment, takes a turn at the engine, moves rows in and out of the shared
 * session, runs one step, and hands everyone their logits; then another leads. Who does not come
 * back in time, such as a stream whose reader is slow, gets its rows back and holds nobody up.
 *
 * <p>Texts join in the order in which they came, as many as there are rows for. Where others wait,
 * a text that has had its turn of steps makes room and waits behind them. A text that is alone
 * takes its steps in its own session, as if there were no others ever. Who finds no memory for its
 * rows among the others waits until some have left, or takes its steps alone. Safe for many
 * threads.
 */
final class SharedSteps {
  /** Steps that a text may take while others wait for its rows. */
  static final int TURN = 64;

  private static final long MOST_BYTES = 2L << 30; // of the shared cache
  private static final Pauses PAUSES = new Pauses(2_000_000, 50_000_000);
  private static final int PART_OF_STEP = 4; // of a step's time, between these bounds
  private static final long LONG = 1_000_000_000;

  private final int maxRows;
  private int mostRows; // for which there was memory, or all
  private final TextConfig config;
  private final Turns turns;
  private final Pauses pauses;
  private final SharedRows shared;
  private final Deque<Place> waiting = new ArrayDeque<>(); // of those with rows of their own
  private boolean leading; // by some thread: only it uses the shared session
  private List<Place> lastServed = List.of();
  private long lastStep; // ns

  /** Who takes part in a step, and what becomes of the others. */
  private record Plan(
      List<Place> leaving, List<Place> staying, List<Place> joining, @Nullable Place alone) {}

  /**
   * How long a step waits for those who took part in the last one.
   *
   * @param least nanoseconds
   * @param most nanoseconds; between the two, a part of what a step takes
   */
  record Pauses(long least, long most) {}

  SharedSteps(int maxRows, TextConfig config, Turns turns) {
    this(maxRows, config, turns, PAUSES);
  }

  SharedSteps(int maxRows, TextConfig config, Turns turns, Pauses pauses) {
    this.maxRows = maxRows;
    this.mostRows = maxRows;
    this.config = config;
    this.turns = turns;
    this.pauses = pauses;
    this.shared = new SharedRows(config);
  }

  /** Most rows of a step. */
  int maxRows() {
    return maxRows;
  }

  /** Texts that wait with rows of their own. */
  synchronized int waiting() {
    return waiting.size();
  }

  Turns turns() {
    return turns;
  }

  /**
   * Appends each row of a text one token, together with others if there are any.
   *
   * @param place with its tokens and the array for its logits
   * @param alone does it in the text's own session
   * @return whether it has been done; else the patience has ended
   * @throws InferenceException if the engine fails, for everyone in the step
   */
  boolean step(Place place, Patience patience, Runnable alone) {
    submit(place);
    while (lead(place, patience)) {
      boolean done = false;
      try {
        done = round(place, patience, alone);
      } finally {
        resign();
      }
      if (!done && patience.ends() && withdraw(place)) {
        return false;
      }
    }
    return given(place);
  }

  private synchronized void submit(Place place) {
    require(place);
    place.state = Place.State.WAITING;
    place.returns = false;
    if (!place.isShared()) {
      waiting.add(place);
    }
    notifyAll();
  }

  private static void require(Place place) {
    if (place.failure != null) {
      throw failed(place.failure);
    }
  }

  private static InferenceException failed(Throwable cause) {
    return new InferenceException(
        "language model: a step that several texts shared failed: " + cause.getMessage(), cause);
  }

  /** Waits until the text has been served or can lead; gives whether it leads. */
  private synchronized boolean lead(Place place, Patience patience) {
    Waiting wait = new Waiting();
    boolean ended = false;
    try {
      while (place.state == Place.State.WAITING && leading) {
        ended |= patience.ends();
        if (ended && withdraw(place)) {
          return false;
        }
        // A step with it that is under way is waited for, and an interrupt kept aside meanwhile.
        wait.at(this, ended ? Patience.ENDLESS : patience, LONG);
      }
      boolean leads = place.state == Place.State.WAITING;
      leading |= leads;
      return leads;
    } finally {
      wait.keepInterrupt();
    }
  }

  /** Takes back what was submitted, unless a step with it is under way. */
  private synchronized boolean withdraw(Place place) {
    boolean free = place.state == Place.State.WAITING && !place.inStep;
    if (free) {
      place.state = Place.State.AWAY;
      waiting.remove(place);
    }
    return free;
  }

  private synchronized boolean given(Place place) {
    boolean given = place.state == Place.State.GIVEN;
    place.state = Place.State.AWAY;
    require(place);
    return given;
  }

  /** One step of whoever is there; gives whether the leader was served. */
  private boolean round(Place leader, Patience patience, Runnable alone) {
    gather(patience);
    if (!turns.enter(next(), patience)) {
      return false;
    }
    try {
      long start = System.nanoTime();
      Plan plan = planned(leader);
      if (plan.alone() != null) {
        alone.run(); // what fails here is its own
        served(List.of(plan.alone()), System.nanoTime() - start);
      } else {
        runShared(plan);
        served(shared.present(), System.nanoTime() - start);
      }
      return leader.state == Place.State.GIVEN;
    } catch (RuntimeException e) {
      if (leader.state == Place.State.WAITING) {
        return false; // it led for others, who have been told
      }
      throw e;
    } finally {
      turns.leave();
    }
  }

  /** What the next step is to those who wait for a turn. */
  synchronized Turns.Kind next() {
    boolean full = rows(shared.present()) >= mostRows;
    return full ? Turns.Kind.FULL_STEP : Turns.Kind.STEP;
  }

  /** Lets those of the last step come back, for a part of the time that it took. */
  private synchronized void gather(Patience patience) {
    long most = Math.max(pauses.least(), Math.min(pauses.most(), lastStep / PART_OF_STEP));
    long until = System.nanoTime() + most;
    Waiting wait = new Waiting();
    for (long left = most; left > 0 && !patience.ends() && someReturn(); ) {
      wait.at(this, patience, left);
      left = until - System.nanoTime();
    }
    wait.keepInterrupt();
  }

  private boolean someReturn() {
    return lastServed.stream().anyMatch(p -> p.returns && !p.closed);
  }

  /** Plans the step and moves rows in and out for it. */
  private synchronized Plan planned(Place leader) {
    Plan plan = plan(leader);
    try {
      Map<Place, InferenceException> lost = new IdentityHashMap<>();
      plan.leaving().forEach(p -> shared.giveBack(p).ifPresent(e -> lost.put(p, e)));
      shared.keep(plan.staying());
      lost.forEach(Place::fail);
      waiting.removeAll(lost.keySet());
      Place alone = plan.alone();
      InferenceException none = alone == null ? null : lost.get(alone);
      if (none != null) {
        throw none; // it was to go on in a session that there is no memory for
      }
      List<Place> refused =
          shared.add(plan.joining().stream().filter(p -> !lost.containsKey(p)).toList());
      if (!refused.isEmpty()) {
        plan = without(refused, plan, leader);
      }
    } catch (RuntimeException | Error e) {
      fail(plan, e);
      throw e;
    }
    shared.present().forEach(p -> p.inStep = true);
    if (plan.alone() != null) {
      assert plan.alone() == leader; // who waits too
      leader.state = Place.State.AWAY;
    }
    return plan;
  }

  /** Who found no memory waits in front of all others; the leader goes on if nobody else does. */
  private Plan without(List<Place> refused, Plan plan, Place leader) {
    for (int i = refused.size() - 1; i >= 0; i--) {
      waiting.addFirst(refused.get(i));
    }
    mostRows = rows(shared.present());
    Place alone = plan.alone() == null && mostRows == 0 ? alone(leader) : plan.alone();
    return new Plan(plan.leaving(), plan.staying(), List.of(), alone);
  }

  private Place alone(Place leader) {
    waiting.remove(leader);
    return leader;
  }

  private Plan plan(Place leader) {
    List<Place> staying = new ArrayList<>(shared.present());
    List<Place> leaving = new ArrayList<>();
    staying.removeIf(p -> p.closed);
    for (Place place : shared.present()) {
      if (!place.closed && place.state != Place.State.WAITING) {
        staying.remove(place);
        leaving.add(place);
      }
    }
    if (staying.size() < shared.present().size()) {
      mostRows = maxRows;
    }
    makeRoom(staying, leaving);
    List<Place> joining = new ArrayList<>();
    for (Place next = waiting.peek(); next != null && fits(staying, joining, next); ) {
      joining.add(waiting.remove());
      next = waiting.peek();
    }
    Place alone = null;
    if (waiting.isEmpty() && staying.size() + joining.size() == 1) {
      alone = joining.isEmpty() ? aheadAgain(staying, leaving) : joining.remove(0);
    } else if (staying.isEmpty() && joining.isEmpty()) {
      alone = alone(leader); // there is memory for nobody
    }
    return new Plan(leaving, staying, joining, alone);
  }

  /** The last of many goes on by itself, if its own session can look ahead. */
  private @Nullable Place aheadAgain(List<Place> staying, List<Place> leaving) {
    if (!shared.looksAhead()) {
      return null;
    }
    Place last = staying.remove(0);
    leaving.add(last);
    return last;
  }

  /** Texts whose rows have become too many wait again, and those whose turn is over. */
  private void makeRoom(List<Place> staying, List<Place> leaving) {
    while (rows(staying) > maxRows && staying.size() > 1) {
      Place last = staying.remove(staying.size() - 1);
      leaving.add(last);
      waiting.addFirst(last);
    }
    List<Place> longest = new ArrayList<>(staying);
    longest.sort(Comparator.comparingInt((Place p) -> p.steps).reversed());
    for (Place place : longest) {
      Place next = waiting.peek();
      boolean over = place.steps >= TURN;
      if (next != null && over && !fits(staying, List.of(), next)) {
        staying.remove(place);
        leaving.add(place);
        waiting.addLast(place);
      }
    }
  }

  private static int rows(List<Place> places) {
    return places.stream().mapToInt(Place::rows).sum();
  }

  private boolean fits(List<Place> staying, List<Place> joining, Place next) {
    List<Place> all = new ArrayList<>(staying);
    all.addAll(joining);
    if (all.isEmpty()) {
      return mostRows > 0;
    }
    all.add(next);
    int rows = rows(all);
    long bytes = rows * config.cache().bytes(shared.capacity(all));
    return rows <= mostRows && bytes <= MOST_BYTES;
  }

  /** All whose rows are in the shared session wait for it, and touch nothing meanwhile. */
  private void runShared(Plan plan) {
    try {
      shared.step();
    } catch (RuntimeException | Error e) {
      fail(plan, e);
      throw e;
    }
  }

  private synchronized void served(List<Place> places, long nanos) {
    lastStep = nanos;
    lastServed = List.copyOf(places);
    for (Place place : places) {
      place.inStep = false;
      place.returns = true;
      place.state = Place.State.GIVEN;
    }
    notifyAll();
  }

  /** Nobody knows what the shared session holds now: whoever is in it, or was to be, fails. */
  private synchronized void fail(Plan plan, Throwable cause) {
    List<Place> all = new ArrayList<>(shared.present());
    plan.leaving().stream().filter(Place::isShared).forEach(all::add);
    all.addAll(plan.joining());
    for (Place place : all) {
      waiting.remove(place);
      place.fail(cause);
    }
    Place alone = plan.alone();
    if (alone != null && !all.contains(alone)) {
      waiting.addFirst(alone); // it has rows of its own, and goes on with them
    }
    shared.close();
    notifyAll();
  }

  private synchronized void resign() {
    try {
      tidy();
    } finally {
      leading = false;
      notifyAll();
    }
  }

  /** Drops the rows of texts that have been closed. */
  private void tidy() {
    List<Place> open = new ArrayList<>(shared.present());
    if (open.removeIf(p -> p.closed)) {
      try {
        shared.keep(open);
      } catch (RuntimeException | Error e) {
        open.forEach(p -> p.fail(e));
        shared.close();
        throw e;
      }
    }
  }

  /** Gives a text its rows for itself, once nobody leads. */
  synchronized void giveBack(Place place) {
    require(place);
    await(place);
    require(place);
    if (place.isShared()) { // still: who led has not done it
      List<Place> others = new ArrayList<>(shared.present());
      others.remove(place);
      Optional<InferenceException> lost = shared.giveBack(place);
      shared.keep(others);
      lost.ifPresent(place::fail);
      require(place);
    }
  }

  private synchronized void await(Place place) {
    Waiting wait = new Waiting();
    while (leading && place.isShared() && place.failure == null) {
      wait.at(this, Patience.ENDLESS, LONG);
    }
    wait.keepInterrupt();
  }

  /** A text has ended, or rests: nobody waits for it to come back. */
  synchronized void rest(Place place) {
    place.returns = false;
    notifyAll();
  }

  /** A text's session is closed: its rows are dropped, at once or by whoever leads. */
  synchronized void close(Place place) {
    place.closed = true;
    place.returns = false;
    mostRows = maxRows; // its memory is free
    waiting.remove(place);
    if (!leading) {
      tidy();
    }
    notifyAll();
  }
}
