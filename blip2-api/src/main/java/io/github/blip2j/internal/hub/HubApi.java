package io.github.blip2j.internal.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.blip2j.core.DownloadException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the Hub says of a model: its revisions and their files.
 *
 * @param http asks
 * @param settings where the Hub is
 * @param pause between tries
 */
record HubApi(HubHttp http, HubSettings settings, Retries.Pause pause) {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int LARGEST = 64 << 20;
  private static final int PAGES = 1000;
  private static final Pattern NEXT = Pattern.compile("<([^>]*)>\\s*;\\s*rel=\"?next\"?");
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");

  /**
   * Lists the files of a revision, as it is now.
   *
   * @throws DownloadException if the Hub does not say
   */
  HubListing list(HubName name) {
    HubErrors errors = new HubErrors(name, settings);
    JsonNode info =
        json(address("/api/models/", name, "/revision/" + quoted(name.revision())), errors);
    String commit = info.path("sha").asText();
    if (!HubName.isCommit(commit)) {
      throw noHub(null);
    }
    Map<String, HubFile> files = new LinkedHashMap<>();
    String tree = "/tree/" + commit + "?recursive=true&expand=false";
    Optional<URI> page = Optional.of(address("/api/models/", name, tree));
    for (int i = 0; page.isPresent() && i < PAGES; i++) {
      page = page(page.get(), errors, files);
    }
    String modelType = info.path("config").path("model_type").asText();
    return new HubListing(name, commit, licence(info), modelType, files);
  }

  /** Where a file is had; folders are divided by slashes, as the Hub's own clients ask. */
  URI file(HubListing listing, HubFile file) {
    String path = quoted(file.name()).replace("%2F", "/");
    return address("/", listing.name(), "/resolve/" + listing.commit() + "/" + path);
  }

  /** A small file's content. */
  byte[] content(HubListing listing, HubFile file) {
    HubErrors errors = new HubErrors(listing.name(), settings);
    byte[] bytes = answer(file(listing, file), errors, file.name()).bytes();
    var digest = file.digest();
    digest.update(bytes);
    if (bytes.length != file.size() || !HubFile.hash(digest).equals(file.hash())) {
      throw new DownloadException(
          listing.name().id() + "/" + file.name() + ": not what the Hub lists; please try again");
    }
    return bytes;
  }

  /** Reads a page of a listing; the next one's address, if there is one. */
  private Optional<URI> page(URI at, HubErrors errors, Map<String, HubFile> files) {
    Text text = answer(at, errors, "");
    JsonNode entries = parse(text.bytes());
    if (!entries.isArray()) {
      throw noHub(null);
    }
    for (JsonNode entry : entries) {
      if (entry.path("type").asText().equals("file")) {
        HubFile file = file(entry);
        files.put(file.name(), file);
      }
    }
    Matcher next = NEXT.matcher(text.link());
    if (!next.find()) {
      return Optional.empty();
    }
    try {
      // Only what is asked for is taken: a mirror may pass on the official Hub's own address.
      String query = String.valueOf(URI.create(next.group(1)).getRawQuery());
      return Optional.of(URI.create(at.toString().replaceAll("\\?.*", "") + "?" + query));
    } catch (IllegalArgumentException e) {
      throw noHub(e);
    }
  }

  private HubFile file(JsonNode entry) {
    JsonNode lfs = entry.path("lfs");
    JsonNode of = lfs.isObject() ? lfs : entry;
    String hash = of.path("oid").asText().replaceFirst("^sha256:", "");
    long size = of.path("size").asLong(-1);
    String name = entry.path("path").asText();
    if (size < 0 || name.isEmpty() || !HASH.matcher(hash).matches()) {
      throw noHub(null);
    }
    return new HubFile(name, size, hash);
  }

  private static String licence(JsonNode info) {
    String named = info.path("cardData").path("license").asText();
    if (!named.isEmpty()) {
      return named;
    }
    for (JsonNode tag : info.path("tags")) {
      if (tag.asText().startsWith("license:")) {
        return tag.asText().substring("license:".length());
      }
    }
    return "";
  }

  /** An answer, and where its next page is. */
  private record Text(byte[] bytes, String link) {}

  private JsonNode json(URI at, HubErrors errors) {
    return parse(answer(at, errors, "").bytes());
  }

  private Text answer(URI at, HubErrors errors, String what) {
    Retries retries = new Retries(pause);
    while (true) {
      HubProblem problem;
      try (HubAnswer answer = http.get(at, 0)) {
        if (answer.status() == HubAnswer.OK) {
          return new Text(answer.text(LARGEST), answer.header("Link"));
        }
        problem = errors.of(answer, what);
      } catch (IOException e) {
        problem = errors.of(e, what, http.reached());
      }
      retries.failed(problem);
    }
  }

  private JsonNode parse(byte[] bytes) {
    try {
      return MAPPER.readTree(bytes);
    } catch (JsonProcessingException e) {
      throw noHub(e);
    } catch (IOException e) {
      throw new IllegalStateException("reading an array of bytes", e);
    }
  }

  private DownloadException noHub(@Nullable Exception cause) {
    return new DownloadException(
        settings.endpoint()
            + ": expected the answers of a Hugging Face Hub, found others; is HF_ENDPOINT right, and"
            + " does a proxy or a login page stand in between?",
        cause);
  }

  private URI address(String before, HubName name, String after) {
    String[] parts = name.id().split("/");
    return URI.create(
        settings.endpoint() + before + quoted(parts[0]) + "/" + quoted(parts[1]) + after);
  }

  private static String quoted(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
