package io.github.blip2j.internal.hub;

import io.github.blip2j.core.DownloadException;
import java.io.IOException;
import java.io.InputStream;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Brings one file, from where an earlier try ended, and makes it visible when it is what the Hub
 * lists. Nothing that a server does can make anything else visible: fewer bytes, more bytes, other
 * bytes and other ranges are tried again, and then refused. For one thread.
 */
final class BlobDownload {
  private static final int BLOCK = 64 << 10;

  /** How often a whole file may come with other bytes. */
  private static final int WRONG_MOST = 3;

  /**
   * After how many refusals in a row the whole is asked for. The first may be an address that has
   * expired; storage hosts have also refused ranges that they should give.
   */
  private static final int REFUSED_MOST = 2;

  private final HubApi api;
  private final HubListing listing;
  private final HubErrors errors;

  BlobDownload(HubApi api, HubListing listing) {
    this.api = api;
    this.listing = listing;
    this.errors = new HubErrors(listing.name(), api.settings());
  }

  /**
   * Brings the file.
   *
   * @param partial what there is of it, or nothing; stays if this fails
   * @throws DownloadException if it cannot be had
   */
  void fetch(HubFile file, PartialFile partial, Progress.OfFile progress) {
    Transfer to = new Transfer(file, partial, progress);
    Retries retries = new Retries(api.pause());
    boolean ranges = true;
    int refused = 0;
    int wrong = 0;
    while (true) {
      long before = partial.length();
      Outcome outcome = partial.complete() ? Outcome.COMPLETE : transfer(to, ranges);
      if (partial.complete() && outcome.problem() == null) {
        String found = partial.hash();
        if (found.equals(file.hash())) {
          return;
        }
        partial.restart();
        wrong++;
        outcome = Outcome.again(otherContent(file, found, wrong < WRONG_MOST));
      } else if (partial.length() > before) {
        retries.progressed();
      }
      refused = outcome.refused() ? refused + 1 : 0;
      ranges = outcome.ranges() && refused < REFUSED_MOST;
      if (outcome.problem() != null) {
        retries.failed(outcome.problem());
      }
    }
  }

  /** What is brought, where it is put, and who is told. */
  private record Transfer(HubFile file, PartialFile partial, Progress.OfFile progress) {}

  /**
   * What a request came to.
   *
   * @param problem why the file is not complete; null if nothing went wrong
   * @param ranges whether the next may ask for a part of the file
   * @param refused whether the storage refused it, perhaps because of the range
   */
  private record Outcome(@Nullable HubProblem problem, boolean ranges, boolean refused) {
    static final Outcome COMPLETE = new Outcome(null, true, false);

    /** The next request goes on after what is there. */
    static Outcome on(HubProblem problem) {
      return new Outcome(problem, true, false);
    }

    /** The next request asks for the whole file. */
    static Outcome again(HubProblem problem) {
      return new Outcome(problem, false, false);
    }
  }

  private Outcome transfer(Transfer to, boolean ranges) {
    HubFile file = to.file();
    long from = ranges ? to.partial().length() : 0;
    try (HubAnswer answer = api.http().get(api.file(listing, file), from)) {
      switch (answer.status()) {
        case HubAnswer.OK:
          return copied(to, answer, 0); // also of a server that knows no ranges
        case HubAnswer.PARTIAL:
          return answer.continues(from, file.size())
              ? copied(to, answer, from)
              : Outcome.again(problem(file, "another part of the file came"));
        case HubAnswer.NO_SUCH_RANGE:
          return Outcome.again(problem(file, "the server knows no byte " + from));
        default:
          boolean forbidden = !answer.hub() && answer.status() == HubAnswer.FORBIDDEN;
          return new Outcome(errors.of(answer, file.name()), true, forbidden);
      }
    } catch (IOException e) {
      return Outcome.on(errors.of(e, file.name(), api.http().reached()));
    }
  }

  /**
   * Appends what is not here yet of an answer. What is here stays: it took long to come, and an
   * answer that begins with the first byte may be none of the file, or end before it has brought as
   * much.
   *
   * @param from which byte of the file the answer begins with
   */
  private Outcome copied(Transfer to, HubAnswer answer, long from) throws IOException {
    HubFile file = to.file();
    PartialFile partial = to.partial();
    long expected = file.size() - from;
    OptionalLong announced = answer.length();
    if (announced.isPresent() && announced.getAsLong() != expected) {
      String message = "expected " + expected + " bytes, found " + announced.getAsLong();
      return Outcome.again(problem(file, message));
    }
    long at = from;
    to.progress().at(at);
    byte[] block = new byte[BLOCK];
    InputStream content = answer.content();
    for (int n = content.read(block); n >= 0; n = content.read(block)) {
      int known = (int) Math.min(n, partial.length() - at);
      at += n;
      if (at > file.size()) {
        partial.restart();
        return Outcome.again(problem(file, "more than its " + file.size() + " bytes came"));
      }
      partial.append(block, known, n - known);
      to.progress().at(at);
    }
    return at == file.size()
        ? Outcome.COMPLETE
        : Outcome.on(problem(file, "the answer ended after " + at + " bytes"));
  }

  private HubProblem otherContent(HubFile file, String found, boolean again) {
    HubProblem problem =
        problem(file, "expected " + file.hashName() + " " + file.hash() + ", found " + found);
    return again ? problem : HubProblem.lasting(problem.error().getMessage() + "; kept nothing");
  }

  private HubProblem problem(HubFile file, String message) {
    return HubProblem.temporary(listing.name().id() + "/" + file.name() + ": " + message);
  }
}
