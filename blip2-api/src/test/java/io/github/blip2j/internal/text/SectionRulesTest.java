package io.github.blip2j.internal.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.core.CheckpointException;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Normalizers, pre-tokenizers and decoders: every kind that is known, and what is wrong in one. */
class SectionRulesTest {
  private static final String HASH = "'pattern':{'String':'#'}";

  /** Kept as it is; with something that nobody asks for, without that. */
  private static void kept(String json, BiFunction<String, JsonNode, JsonNode> rules) {
    JsonNode node = QuotedJson.of(json);
    assertThat(rules.apply("here", node)).isEqualTo(node);
    String more = json.substring(0, json.length() - 1) + ",'unknown':1}";
    assertThat(rules.apply("here", QuotedJson.of(more))).isEqualTo(node);
  }

  private static void refused(
      String json, BiFunction<String, JsonNode, JsonNode> rules, String message) {
    JsonNode node = QuotedJson.of(json);
    assertThatThrownBy(() -> rules.apply("here", node))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith("here")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'type':'NFC'}",
        "{'type':'Lowercase'}",
        "{'type':'StripAccents'}",
        "{'type':'BertNormalizer','clean_text':true,'handle_chinese_chars':true,'lowercase':false}",
        "{'type':'BertNormalizer','clean_text':true,'handle_chinese_chars':true,"
            + "'strip_accents':false,'lowercase':false}",
        "{'type':'Strip','strip_left':true,'strip_right':false}",
        "{'type':'Replace'," + HASH + ",'content':'x'}",
        "{'type':'Prepend','prepend':'_'}",
        "{'type':'Sequence','normalizers':[{'type':'NFD'},{'type':'Prepend','prepend':'_'}]}",
        "{'type':'Sequence','normalizers':[]}"
      })
  void normalizersAreKept(String json) {
    kept(json, NormalizerRules::check);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'type':'NFX'}|type: expected a normalizer that is known, found \"NFX\"",
        "{'type':'Strip','strip_left':true}|strip_right: expected true or false, found nothing",
        "{'type':'BertNormalizer','clean_text':1}|clean_text: expected true or false, found 1",
        "{'type':'Prepend','prepend':''}|prepend: expected a text that is not empty",
        "{'type':'Replace','pattern':{'String':''},'content':'x'}|expected a text that is not empty",
        "{'type':'Replace','pattern':{'String':'#'}}|content: expected a text, found nothing",
        "{'type':'Precompiled','precompiled_charsmap':3}|precompiled_charsmap: expected base64",
        "{'type':'Sequence','normalizers':{}}|normalizers: expected a list, found {}",
        "{'type':'Sequence','normalizers':[{'type':'NFC'},3]}|normalizers[1]: expected an object"
      })
  void normalizersThatAreWrongAreNamed(String json, String message) {
    refused(json, NormalizerRules::check, message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'type':'Whitespace'}",
        "{'type':'ByteLevel','add_prefix_space':false,'trim_offsets':true}",
        "{'type':'ByteLevel','add_prefix_space':false,'trim_offsets':true,'use_regex':false}",
        "{'type':'Metaspace','replacement':'_'}",
        "{'type':'Metaspace','replacement':'_','prepend_scheme':'first','split':false}",
        "{'type':'Metaspace','replacement':'_','prepend_scheme':'never','add_prefix_space':false}",
        "{'type':'Metaspace','replacement':'_','prepend_scheme':'first','add_prefix_space':true}",
        "{'type':'CharDelimiterSplit','delimiter':'-'}",
        "{'type':'Punctuation','behavior':'Contiguous'}",
        "{'type':'Digits','individual_digits':true}",
        "{'type':'Split'," + HASH + ",'behavior':'Removed','invert':false}",
        "{'type':'Sequence','pretokenizers':[{'type':'Whitespace'},{'type':'Punctuation'}]}"
      })
  void preTokenizersAreKept(String json) {
    kept(json, PreTokenizerRules::check);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'type':'Whitespaces'}|type: expected a pre-tokenizer that is known",
        "{'type':'Metaspace','replacement':'__'}|replacement: expected one character",
        "{'type':'Metaspace','replacement':'_','prepend_scheme':'last'}|expected one of [first, never, always]",
        "{'type':'Metaspace','replacement':'_','add_prefix_space':false}|prepend_scheme: expected never where add_prefix_space is false, found nothing",
        "{'type':'CharDelimiterSplit','delimiter':''}|delimiter: expected one character",
        "{'type':'Punctuation','behavior':'Dropped'}|behavior: expected one of",
        "{'type':'Digits'}|individual_digits: expected true or false",
        "{'type':'Split','pattern':{'String':'#'},'behavior':'Removed'}|invert: expected true or false",
        "{'type':'ByteLevel','add_prefix_space':false}|trim_offsets: expected true or false",
        "{'type':'Sequence','pretokenizers':[{}]}|pretokenizers[0]: type: expected a text"
      })
  void preTokenizersThatAreWrongAreNamed(String json, String message) {
    refused(json, PreTokenizerRules::check, message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'type':'Fuse'}",
        "{'type':'ByteFallback'}",
        "{'type':'BPEDecoder','suffix':'</w>'}",
        "{'type':'WordPiece','prefix':'##','cleanup':true}",
        "{'type':'CTC','pad_token':'p','word_delimiter_token':'|','cleanup':false}",
        "{'type':'Replace'," + HASH + ",'content':''}",
        "{'type':'Strip','content':' ','start':1,'stop':0}",
        "{'type':'Sequence','decoders':[{'type':'Fuse'},{'type':'Strip','content':' ','start':1,"
            + "'stop':0}]}"
      })
  void decodersAreKept(String json) {
    kept(json, DecoderRules::check);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'type':'Defuse'}|type: expected a decoder that is known",
        "{'type':'BPEDecoder','suffix':''}|suffix: expected a text that is not empty",
        "{'type':'WordPiece','prefix':'##'}|cleanup: expected true or false",
        "{'type':'CTC','pad_token':''}|pad_token: expected a text that is not empty",
        "{'type':'Strip','content':'ab','start':1,'stop':0}|content: expected one character",
        "{'type':'Strip','content':' ','start':-1,'stop':0}|start: expected an integer from 0",
        "{'type':'Strip','content':' ','start':0,'stop':1}|stop: expected an integer from 0 to 0",
        "{'type':'Sequence','decoders':[{'type':'Sequence','decoders':3}]}|decoders[0]: decoders: expected a list"
      })
  void decodersThatAreWrongAreNamed(String json, String message) {
    refused(json, DecoderRules::check, message);
  }

  /** Each level costs native code some of its stack. */
  @Test
  void sequencesLieInSequencesEightDeep() {
    String json = "{'type':'NFC'}";
    for (int i = 0; i < Sections.DEEPEST - 1; i++) {
      json = "{'type':'Sequence','normalizers':[" + json + "]}";
    }
    kept(json, NormalizerRules::check);
    String deeper = "{'type':'Sequence','normalizers':[" + json + "]}";
    refused(deeper, NormalizerRules::check, "at most 8 deep, found more");
  }

  @Test
  void tokensAreFoundByTheirTexts() {
    ModelTokens tokens = new ModelTokens(java.util.Map.of("a", 3));
    assertThat(tokens.has("a")).isTrue();
    assertThat(tokens.id("a")).hasValue(3);
    assertThat(tokens.has("b")).isFalse();
    assertThat(tokens.id("b")).isEmpty();
  }
}
