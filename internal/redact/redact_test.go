package redact_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/redact"
)

const secret = `s3cr+t/K%2Fy"&<~ä>?0123456789`

// encodings are the forms in which a server plausibly repeats a text.
var encodings = map[string]func(string) string{
	"raw":         func(s string) string { return s },
	"JSON":        jsonEscaped,
	"JSON slash":  func(s string) string { return strings.ReplaceAll(jsonEscaped(s), "/", `\/`) },
	"JSON units":  func(s string) string { return everyUnit(s, `\u%04x`) },
	"JSON UNITS":  func(s string) string { return everyUnit(s, `\u%04X`) },
	"URL query":   url.QueryEscape,
	"URL path":    url.PathEscape,
	"URL lower":   func(s string) string { return everyByte(s, "%%%02x") },
	"URL upper":   func(s string) string { return everyByte(s, "%%%02X") },
	"HTML":        html.EscapeString,
	"HTML units":  func(s string) string { return everyUnit(s, "&#x%x;") },
	"URL in JSON": func(s string) string { return jsonEscaped(url.QueryEscape(s)) },
	"JSON in URL": func(s string) string { return url.QueryEscape(jsonEscaped(s)) },
	"base64":      func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64 raw":  base64Raw,
	"base64 URL":  func(s string) string { return base64.URLEncoding.EncodeToString([]byte(s)) },
	"base64 1":    func(s string) string { return base64Raw("u" + s) },
	"base64 2":    func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte("u:" + s + "~")) },
	"base64 3": func(s string) string {
		return url.QueryEscape(base64.StdEncoding.EncodeToString([]byte("us:" + s + "?>")))
	},
	"base64 JSON": func(s string) string { return everyByte(base64Raw(s), `\u%04x`) },
	"base64 twice": func(s string) string {
		return base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(s))))
	},
	"base64 twice, URL": func(s string) string {
		return base64.URLEncoding.EncodeToString([]byte("x" + base64.RawURLEncoding.EncodeToString([]byte("xy"+s))))
	},
	"URL three times": func(s string) string { return url.QueryEscape(url.QueryEscape(everyByte(s, "%%%02X"))) },
	"hexadecimal":     func(s string) string { return hex.EncodeToString([]byte(s)) },
	"HEXADECIMAL":     func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
	"UTF-16":          func(s string) string { return afterEveryByte(s, "\x00") },
	"UTF-16 in JSON":  func(s string) string { return afterEveryByte(s, `\u0000`) },
}

func base64Raw(s string) string { return base64.RawStdEncoding.EncodeToString([]byte(s)) }

func jsonEscaped(s string) string {
	encoded, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(encoded[1 : len(encoded)-1])
}

func everyByte(s, format string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, format, s[i])
	}
	return b.String()
}

func afterEveryByte(s, suffix string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteByte(s[i])
		b.WriteString(suffix)
	}
	return b.String()
}

func everyUnit(s, format string) string {
	var b strings.Builder
	for _, r := range s {
		fmt.Fprintf(&b, format, r)
	}
	return b.String()
}

func secretsOf(values ...string) *redact.Secrets {
	s := &redact.Secrets{}
	for _, value := range values {
		s.Add(value)
	}
	return s
}

func TestText_everyEncoding(t *testing.T) {
	t.Parallel()
	for name, encode := range encodings {
		for _, part := range []string{secret, secret[:9], secret[5:14], secret[len(secret)-10:]} {
			text := "before " + encode(part) + " after"
			got := secretsOf(secret).Text(text)
			assert.True(t, strings.HasPrefix(got, "before ") && strings.HasSuffix(got, " after"), "%s: %s", name, got)
			assert.Contains(t, got, redact.Placeholder, "%s of %s", name, part)
			if strings.HasPrefix(name, "base64") { // the first and last characters hold bits of other bytes
				assert.Less(t, len(got), len("before  after")+len(redact.Placeholder)+13, "%s of %s: %s", name, part, got)
				continue
			}
			assert.Equal(t, "before "+redact.Placeholder+" after", got, "%s of %s", name, part)
		}
	}
}

func TestText_otherText(t *testing.T) {
	t.Parallel()
	s := secretsOf(secret, "abcd", "ab")
	s.AddName("name")
	for _, text := range []string{
		"", "a", "no group with id 0123 exists", secret[:7], `\u00e4 %2F &amp; \x`, `\`, `\u`, `\u12`, "%", "%2", "&", "&#;", "abc", "name", "ab",
	} {
		assert.Equal(t, text, s.Text(text))
		assert.Equal(t, text, (&redact.Secrets{}).Text(text))
	}
	for _, text := range []string{"xabcdx", "abcd.example.com", "/abcd/", "no-abcd"} {
		assert.Equal(t, text, s.Text(text), "a short secret counts as a word")
	}
	assert.Equal(t, `key:[redacted] "[redacted]" [redacted]== of`, s.Text(`key:abcd "\u0061bcd" YWJjZA== of`))
	s.AddName("john@example.com")
	assert.Equal(t, "by "+redact.Placeholder+" of example.com", s.Text("by john@example.com of example.com"), "a name counts as a whole")
}

func TestBody_staysJSON(t *testing.T) {
	t.Parallel()
	s := secretsOf("1234567890abc", `x":"yyyyyyy`, "0041BCDEFGH")
	for body, want := range map[string]string{
		`{"detail":"a 1234567890abc"}`:   `{"detail":"a [redacted]"}`,
		`{"n":1234567890}`:               `"[redacted]"`,
		`{"x":"yyyyyyyy"}`:               `"[redacted]"`,
		`["\u0041BCDEFGH"]`:              `["[redacted]"]`,
		`{"n":1}`:                        `{"n":1}`,
		`<html>1234567890abc`:            `<html>[redacted]`,
		`{"detail":"\u0031234567890`:     `{"detail":"[redacted]`,
		"\xff\xfe 1234567890abc\xff":     "\xff\xfe [redacted]\xff",
		`"\\1234567890abc\\"`:            `"\\[redacted]\\"`,
		`"\ud83d\ude001234567890\ud83d"`: `"\ud83d\ude00[redacted]\ud83d"`,
	} {
		got := string(s.Body([]byte(body)))
		assert.Equal(t, want, got)
		assert.Equal(t, json.Valid([]byte(body)), json.Valid([]byte(got)), got)
	}
}

func TestHeader_copies(t *testing.T) {
	t.Parallel()
	header := http.Header{"X-Request-Id": {"1", "0123456789"}}
	assert.Equal(t, http.Header{"X-Request-Id": {"1", redact.Placeholder}}, secretsOf("0123456789").Header(header))
	assert.Equal(t, "0123456789", header["X-Request-Id"][1])
}

func TestError_chain(t *testing.T) {
	t.Parallel()
	s := secretsOf("0123456789")
	require.NoError(t, s.Error(nil))
	clean := fmt.Errorf("clean: %w", io.EOF)
	assert.Same(t, clean, s.Error(clean))
	_, parseErr := time.Parse(time.DateOnly, "0123456789")
	for _, err := range []error{
		parseErr, fmt.Errorf("around: %w", parseErr), &quiet{parseErr}, errors.Join(io.EOF, parseErr),
		fmt.Errorf("key 0123456789: %w", io.EOF), &silent{"0123456789"},
	} {
		redacted := s.Error(err)
		for e := redacted; e != nil; e = errors.Unwrap(e) {
			assert.NotContains(t, fmt.Sprintf("%v %+v %#v", e, e, e), "01234567")
		}
		assert.Equal(t, errors.Is(err, io.EOF), errors.Is(redacted, io.EOF))
	}
}

// silent is an error with a secret that its text does not have.
type silent struct{ key string }

func (e *silent) Error() string { return "silent" }

// quiet is an error whose text does not have that of its cause.
type quiet struct{ err error }

func (e *quiet) Error() string { return "quiet" }
func (e *quiet) Unwrap() error { return e.err }

// FuzzText checks that no recognisable part of a secret survives, in any encoding, and that
// everything else does.
func FuzzText(f *testing.F) {
	f.Add(secret, "before ", " after", uint8(0), uint8(255))
	f.Add("mdb_sa_sk_0123456789", `{"detail":"`, `"}`, uint8(3), uint8(20))
	f.Add("short", "%", "41", uint8(0), uint8(5))
	f.Add("%25%32%35%41%42%43%44", `\u00`, `41`, uint8(0), uint8(9))
	f.Fuzz(func(t *testing.T, secret, before, after string, from, length uint8) {
		const limit = 4 << 10
		if len(secret)+len(before)+len(after) > limit || strings.ContainsAny(secret, "[]") || touchesPlaceholder(secret) {
			t.Skip("the placeholder itself would count")
		}
		s := secretsOf(secret)
		part := secret[min(int(from), len(secret)):]
		part = part[:min(int(length), len(part))]
		for name, encode := range encodings {
			text := before + encode(part) + after
			got := s.Text(text)
			if shown := run(got, secret); shown != "" {
				t.Fatalf("%s: %q shows %q of %q", name, got, shown, secret)
			}
			if again := s.Text(got); again != got {
				t.Fatalf("%s: %q is redacted again to %q", name, got, again)
			}
			if json.Valid([]byte(text)) && !json.Valid(s.Body([]byte(text))) {
				t.Fatalf("%s: %q is not JSON any more: %q", name, text, s.Body([]byte(text)))
			}
		}
		for _, text := range []string{before, after, before + after} {
			if got := s.Text(text); got != text && !justified(text, secret) {
				t.Fatalf("%q became %q without a part of %q", text, got, secret)
			}
		}
	})
}

// touchesPlaceholder reports a secret that contains, or is contained in, the placeholder.
func touchesPlaceholder(secret string) bool {
	placeholder := redact.Placeholder
	for _, text := range decodings(secret) {
		isPart := len(text) >= 4 && strings.Contains(placeholder, text)
		if isPart || strings.ContainsAny(text, "[]") || strings.Contains(text, "redacted") {
			return true
		}
	}
	return false
}

// run returns a recognisable part of a secret that a text shows.
func run(text, secret string) string {
	if len(secret) < redact.MinRun { // counts as a word only
		return ""
	}
	for _, decoded := range decodings(text) {
		for i := 0; i+min(redact.MinRun, len(secret)) <= len(secret); i++ {
			if part := secret[i : i+min(redact.MinRun, len(secret))]; strings.Contains(decoded, part) {
				return part
			}
		}
	}
	return ""
}

// decodings are the texts that a reader can make of a text.
func decodings(text string) []string {
	all := []string{text}
	if plain, err := url.PathUnescape(text); err == nil {
		all = append(all, plain)
	}
	all = append(all, html.UnescapeString(text))
	var plain string
	if json.Unmarshal([]byte(`"`+text+`"`), &plain) == nil {
		all = append(all, plain)
		if again, err := url.PathUnescape(plain); err == nil {
			all = append(all, again)
		}
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
	standard := strings.NewReplacer("-", "+", "_", "/")
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return !strings.ContainsRune(alphabet, r) }) {
		for skip := range min(4, len(word)) {
			group := standard.Replace(word[skip:])
			group = group[:len(group)/4*4]
			if decoded, err := base64.StdEncoding.DecodeString(group); err == nil {
				all = append(all, string(decoded))
			}
		}
	}
	return all
}

// justified reports whether a text, decoded in any way, has a part of a form of a secret. It
// compares each part with each: slow, and evidently right.
func justified(text, secret string) bool {
	wanted := min(redact.MinRun, len(secret))
	var wantedForms []string
	for _, form := range append(unescaped(secret, 2), url.QueryEscape(secret)) {
		wantedForms = append(wantedForms, form)
		for shift := range 3 {
			encoded := base64.RawStdEncoding.EncodeToString([]byte("~~"[:shift] + form))
			encoded2 := strings.NewReplacer("+", "-", "/", "_").Replace(encoded)
			wantedForms = append(wantedForms, encoded, encoded2)
			for again := range 3 {
				wantedForms = append(wantedForms, base64Raw("~~"[:again]+encoded), base64Raw("~~"[:again]+encoded2))
			}
		}
		encoded := hex.EncodeToString([]byte(form))
		wantedForms = append(wantedForms, encoded, strings.ToUpper(encoded))
	}
	for _, decoded := range unescaped(text, 2) {
		for _, form := range wantedForms {
			length := min(wanted, len(form))
			for i := range len(form) - length + 1 {
				if strings.Contains(decoded, form[i:i+length]) {
					return true
				}
			}
		}
	}
	return false
}

var escapes = []*regexp.Regexp{
	regexp.MustCompile(`\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\["\\/bfnrt']`),
	regexp.MustCompile(`%[0-9a-fA-F]{2}`),
	regexp.MustCompile(`&[^;]{0,8};`),
	regexp.MustCompile(`%(25)*[0-9a-fA-F]{2}`),
	regexp.MustCompile(`\x00`),
}

// unescaped decodes a text in every way, depth times.
func unescaped(text string, depth int) []string {
	all := []string{text}
	if depth == 0 {
		return all
	}
	for i, escape := range escapes {
		plain := escape.ReplaceAllStringFunc(text, func(one string) string {
			decoded := one
			switch i {
			case 0:
				if one == `\'` || json.Unmarshal([]byte(`"`+one+`"`), &decoded) != nil {
					decoded = one[1:]
				}
			case 1:
				decoded, _ = url.PathUnescape(one)
			case 2:
				decoded = html.UnescapeString(one)
			case 3:
				decoded, _ = url.PathUnescape("%" + one[len(one)-2:])
			default:
				decoded = ""
			}
			return decoded
		})
		if plain != text {
			all = append(all, unescaped(plain, depth-1)...)
		}
	}
	return all
}
