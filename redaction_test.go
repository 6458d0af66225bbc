package restorejobs

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/testutil"
)

const (
	echoPublicKey  = "echo-public-1"
	echoPrivateKey = "0f6a2c1e-93b4-4d7e-8a55-6b1f0c9de742"
	echoClientID   = "mdb_sa_id_66f1c2a9b7"
	echoSecret     = "mdb_sa_sk_Q7x~T/3=vZ_pL9w+Kd2"
	echoToken      = "eyJhbGciOiJFUzUxMiJ9.eyJzdWIiOiJtZGJfc2EifQ.Zk3_-x0QpW8rT5yU1iO2"
	echoLink       = "https://files.example.com/pull/9b1d7c3f5e2a/rs0.tar.gz?X-Amz-Signature=6f0e8d2c4b&x=a%2Fb"
	echoHop        = "https://mirror.example.com/signed/77aa88bb99cc/rs0.tar.gz?sig=Lm4No5Pq6Rs7"
	echoHeader     = "link-header-5T9kE2mQ"
	echoChallenge  = `Digest realm="MMS Public API", domain="", nonce="c0ffee00c0ffee11", algorithm=MD5, qop="auth", stale=false`
)

// echoEncodings are the forms in which a server plausibly repeats what it was sent.
var echoEncodings = map[string]func(string) string{
	"raw":    func(s string) string { return s },
	"JSON":   func(s string) string { return eachByte(s, `\u%04x`) },
	"slash":  func(s string) string { return strings.ReplaceAll(jsonText(s), "/", `\/`) },
	"url":    func(s string) string { return eachByte(s, "%%%02x") },
	"URL":    url.QueryEscape,
	"HTML":   html.EscapeString,
	"base64": func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base65": func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte("x" + s)) },
	"base66": func(s string) string { return base64.RawStdEncoding.EncodeToString([]byte("xy" + s + "z")) },
}

// escapesJSON reports an encoding that is the inside of a JSON string already.
func escapesJSON(encoding string) bool { return encoding == "JSON" || encoding == "slash" }

func eachByte(s, format string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, format, s[i])
	}
	return b.String()
}

func jsonText(s string) string {
	encoded, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(encoded[1 : len(encoded)-1])
}

// echoedQuery limits the query of a redirect: the next request has it in its header, and the response repeats that.
const echoedQuery = 4 << 10

// echoPlaces are responses with a text in every place that is printed. In JSON the text is the
// inside of a string.
var echoPlaces = map[string]struct {
	header  bool // the place is not in JSON
	respond func(text string) testutil.RoundTripFunc
}{
	"detail": {respond: func(e string) testutil.RoundTripFunc {
		return testutil.Always(400, `{"error":400,"errorCode":"BAD","detail":"got `+e+`"}`)
	}},
	"detail is cut": {respond: func(e string) testutil.RoundTripFunc {
		return testutil.Always(400, `{"error":400,"detail":"`+strings.Repeat("x", 485)+" "+e+`"}`)
	}},
	"code":   {respond: func(e string) testutil.RoundTripFunc { return testutil.Always(400, `{"errorCode":"`+e+`"}`) }},
	"reason": {respond: func(e string) testutil.RoundTripFunc { return testutil.Always(400, `{"reason":"`+e+`"}`) }},
	"fields": {respond: func(e string) testutil.RoundTripFunc {
		return testutil.Always(400, `{"badRequestDetail":{"fields":[{"field":"`+e+`","description":"`+e+`"}]}}`)
	}},
	"parameters": {respond: func(e string) testutil.RoundTripFunc {
		return testutil.Always(409, `{"parameters":["`+e+`",{"`+e+`":["`+e+`"]}]}`)
	}},
	"envelope": {respond: func(e string) testutil.RoundTripFunc {
		return testutil.Always(200, `{"status":403,"content":{"errorCode":"`+e+`","detail":"`+e+`"}}`)
	}},
	"error under 200": {respond: func(e string) testutil.RoundTripFunc { return testutil.Always(200, `{"error":400,"detail":"`+e+`"}`) }},
	"odd time":        {respond: func(e string) testutil.RoundTripFunc { return testutil.Always(200, `{"id":"other","at":"`+e+`"}`) }},
	"cut":             {respond: func(e string) testutil.RoundTripFunc { return testutil.Always(200, `{"id":"j","`+e+`":"`+e) }},
	"state":           {respond: func(e string) testutil.RoundTripFunc { return testutil.Always(200, `{"id":"j","statusName":"`+e+`"}`) }},
	"other id":        {respond: func(e string) testutil.RoundTripFunc { return testutil.Always(200, `{"id":"`+e+`"}`) }},
	"oauth": {respond: func(e string) testutil.RoundTripFunc {
		return testutil.Always(401, `{"error":"`+e+`","error_description":"`+e+`"}`)
	}},

	"page": {true, func(e string) testutil.RoundTripFunc {
		return testutil.Always(502, "<html><pre>Authorization: "+e+"</pre>", "Content-Type", "text/html")
	}},
	"text under 200": {true, func(e string) testutil.RoundTripFunc { return testutil.Always(200, e, "Content-Type", "text/plain") }},
	"not a list":     {true, func(e string) testutil.RoundTripFunc { return testutil.Always(200, `[`+e) }},
	"request id": {true, func(e string) testutil.RoundTripFunc {
		return testutil.Always(400, "", "X-Request-Id", strings.Repeat("x", 95)+e)
	}},
	"id of success": {true, func(e string) testutil.RoundTripFunc {
		return testutil.Always(200, `{"id":"j"}`, "X-Envoy-Request-Id", e, "X-Mongodb-Service-Version", e)
	}},
	"code header":  {true, func(e string) testutil.RoundTripFunc { return testutil.Always(400, "", "X-Error-Code", e) }},
	"content type": {true, func(e string) testutil.RoundTripFunc { return testutil.Always(200, "{", "Content-Type", "text/"+e) }},
	"encoding":     {true, func(e string) testutil.RoundTripFunc { return testutil.Always(200, "{", "Content-Encoding", e) }},
	"redirect": {true, func(e string) testutil.RoundTripFunc {
		return testutil.Always(302, "", "Location", "https://x"+e+".example.com/"+e)
	}},
	"redirect ?": {true, func(e string) testutil.RoundTripFunc {
		e = e[max(len(e)-echoedQuery, 0):]
		return testutil.Always(307, "", "Location", "/x?"+e)
	}},
}

// echoWatch records what a client sends, and searches what it prints.
type echoWatch struct {
	mu    sync.Mutex
	runs  map[uint64]bool // of 8 bytes of the secrets
	clean map[string]bool // texts without one
}

func newEchoWatch(secrets ...string) *echoWatch {
	w := &echoWatch{runs: map[uint64]bool{}, clean: map[string]bool{}}
	for _, secret := range secrets {
		w.add(secret)
	}
	return w
}

const echoRun = 8

func (w *echoWatch) add(secret string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	eachRun(secret, func(_ int, run uint64) { w.runs[run] = true })
}

// eachRun calls f with every run of 8 bytes, as a number.
func eachRun(text string, f func(from int, run uint64)) {
	run := uint64(0)
	for i := range len(text) {
		run = run<<8 | uint64(text[i])
		if i >= echoRun-1 {
			f(i-echoRun+1, run)
		}
	}
}

// sent notes the secrets of a request, and returns all that a server could repeat of it.
func (w *echoWatch) sent(r *http.Request) string {
	header := r.Header.Get("Authorization")
	scheme, value, _ := strings.Cut(header, " ")
	switch scheme {
	case "Basic":
		w.add(value)
		pair, err := base64.StdEncoding.DecodeString(value)
		if err != nil {
			panic(err)
		}
		w.add(string(pair))
		return header + " " + string(pair) + " " + echoSecret
	case "Digest":
		for _, name := range []string{"response", "cnonce"} {
			w.add(regexp.MustCompile(` ` + name + `="([^"]*)"`).FindStringSubmatch(header)[1])
		}
	default:
		w.add(value)
	}
	return header
}

// check searches texts, as they are and decoded.
func (w *echoWatch) check(t *testing.T, about string, texts ...string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, text := range texts {
		if w.clean[text] {
			continue
		}
		w.clean[text] = true
		for _, decoded := range echoDecodings(text) {
			shown := ""
			eachRun(decoded, func(from int, run uint64) {
				if w.runs[run] {
					shown = decoded[from : from+echoRun]
				}
			})
			if shown != "" {
				t.Errorf("%s: %.1000q shows %q", about, text, shown)
				return
			}
		}
	}
}

var (
	urlEscapes  = regexp.MustCompile(`%[0-9a-fA-F]{2}`)
	jsonEscapes = regexp.MustCompile(`\\u00[0-9a-fA-F]{2}|\\["\\/]`)

	standardBase64 = strings.NewReplacer("-", "+", "_", "/")
)

func notBase64(r rune) bool {
	isLetter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	isDigit := '0' <= r && r <= '9'
	return !isLetter && !isDigit && !strings.ContainsRune("+/-_", r)
}

func echoDecodings(text string) []string {
	unescape := func(text string) []string {
		byURL := urlEscapes.ReplaceAllStringFunc(text, func(s string) string {
			plain, err := url.PathUnescape(s)
			if err != nil {
				return s
			}
			return plain
		})
		byJSON := jsonEscapes.ReplaceAllStringFunc(text, func(s string) string {
			var plain string
			if json.Unmarshal([]byte(`"`+s+`"`), &plain) != nil {
				return s
			}
			return plain
		})
		all := []string{byURL, byJSON, html.UnescapeString(text)}
		return slices.DeleteFunc(all, func(plain string) bool { return plain == text })
	}
	all := append([]string{text}, unescape(text)...)
	for _, once := range unescape(text) {
		all = append(all, unescape(once)...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	for _, one := range all {
		for word := range strings.FieldsFuncSeq(one, notBase64) {
			if base64.RawStdEncoding.DecodedLen(len(word)) < echoRun {
				continue
			}
			word = standardBase64.Replace(word)
			for skip := range 4 {
				group := word[skip:]
				decoded, err := base64.StdEncoding.DecodeString(group[:len(group)/4*4])
				if err == nil {
					all = append(all, string(decoded))
				}
			}
		}
	}
	return all
}

// printedForms are all texts that a program gets out of an error.
func printedForms(err error) []string {
	var texts []string
	for e := err; e != nil; e = errors.Unwrap(e) {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			texts = append(texts, fmt.Sprintf(verb, e))
		}
		var log strings.Builder
		slog.New(slog.NewJSONHandler(&log, nil)).Error("x", "error", e)
		slog.New(slog.NewTextHandler(&log, nil)).Error("x", "error", e)
		texts = append(texts, log.String())
		if several, ok := e.(interface{ Unwrap() []error }); ok {
			for _, one := range several.Unwrap() {
				texts = append(texts, printedForms(one)...)
			}
		}
	}
	var apiErr *Error
	if errors.As(err, &apiErr) {
		encoded, failed := json.Marshal(apiErr)
		texts = append(texts, fmt.Sprint(string(encoded), failed), string(apiErr.Body()), string(apiErr.Code), apiErr.Reason, apiErr.Detail, apiErr.RequestID, apiErr.Hint)
		texts = append(texts, fmt.Sprintf("%s %+v", apiErr.Parameters, apiErr.FieldViolations))
	}
	var wait *WaitError
	if errors.As(err, &wait) {
		encoded, failed := json.Marshal(wait)
		texts = append(texts, fmt.Sprint(string(encoded), failed))
	}
	return texts
}

// eachEcho runs f for every place and encoding.
func eachEcho(t *testing.T, f func(t *testing.T, name string, respond func(secret string) testutil.RoundTripFunc)) {
	t.Helper()
	for place, p := range echoPlaces {
		t.Run(place, func(t *testing.T) {
			t.Parallel()
			encodings := slices.Sorted(maps.Keys(echoEncodings))
			for i, encoding := range encodings {
				if testutil.RaceEnabled && (i+len(place))%3 != 0 { // what each shows, `make test` checks
					continue
				}
				encode := echoEncodings[encoding]
				f(t, place+" as "+encoding, func(secret string) testutil.RoundTripFunc {
					text := encode(secret)
					if !p.header && !escapesJSON(encoding) {
						text = jsonText(text)
					}
					return p.respond(text)
				})
			}
		})
	}
}

// TestError_serverRepeatsTheRequest has the API repeat the Authorization header in every place
// and encoding, for every kind of credentials.
func TestError_serverRepeatsTheRequest(t *testing.T) {
	t.Parallel()
	for kind, c := range map[string]struct {
		credentials Credentials
		secret      string
	}{
		"key":     {APIKey(echoPublicKey, echoPrivateKey), echoPrivateKey},
		"service": {ServiceAccount(echoClientID, echoSecret), echoSecret},
		"bearer":  {BearerToken(func(context.Context) (string, error) { return echoToken, nil }), echoToken},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			eachEcho(t, func(t *testing.T, name string, respond func(string) testutil.RoundTripFunc) {
				t.Helper()
				watch := newEchoWatch(c.secret)
				assertEchoIsRedacted(t, name, c.credentials, watch, testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
					switch header := r.Header.Get("Authorization"); {
					case r.URL.Path == tokenPath:
						return testutil.Always(200, `{"access_token":"`+echoToken+`","token_type":"Bearer","expires_in":3600}`)(r)
					case header == "":
						return testutil.Always(401, "", "WWW-Authenticate", echoChallenge)(r)
					default:
						return respond(watch.sent(r) + " " + c.secret)(r)
					}
				}))
			})
		})
	}
}

// TestError_tokenEndpointRepeatsTheRequest has the token endpoint repeat its Basic header.
func TestError_tokenEndpointRepeatsTheRequest(t *testing.T) {
	t.Parallel()
	eachEcho(t, func(t *testing.T, name string, respond func(string) testutil.RoundTripFunc) {
		t.Helper()
		watch := newEchoWatch(echoSecret, url.QueryEscape(echoSecret), echoToken)
		assertEchoIsRedacted(t, name, ServiceAccount(echoClientID, echoSecret), watch, func(r *http.Request) (*http.Response, error) {
			return respond(watch.sent(r))(r)
		})
		revoked := false
		assertEchoIsRedacted(t, name, ServiceAccount(echoClientID, echoSecret), watch, func(r *http.Request) (*http.Response, error) {
			switch r.URL.Path {
			case tokenPath:
				return testutil.Always(200, `{"access_token":"`+echoToken+`","token_type":"Bearer","expires_in":3600}`)(r)
			case revokePath:
				revoked = true
				return respond(watch.sent(r) + " token=" + echoToken)(r)
			default:
				return testutil.Always(200, `{"id":"j"}`)(r)
			}
		})
		assert.True(t, revoked)
	})
}

// assertEchoIsRedacted makes calls of every kind, and searches all that they print.
func assertEchoIsRedacted(t *testing.T, name string, credentials Credentials, watch *echoWatch, transport testutil.RoundTripFunc) {
	t.Helper()
	record := &callRecord{}
	client, err := NewClient(credentials, WithBaseURL("https://api.example.com"), WithRetry(RetryPolicy{MaxRetries: -1}),
		WithTransport(transport), WithObserver(record.observe),
		WithLogger(slog.New(slog.NewTextHandler(record, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		WithLogger(slog.New(slog.NewJSONHandler(record, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	require.NoError(t, err)
	jobs := client.CloudManager.Cluster("p", "c").Jobs
	check := func(err error) { watch.check(t, name, printedForms(err)...) }
	_, err = jobs.Get(t.Context(), "j")
	check(err)
	_, err = jobs.List(t.Context(), ListOptions{})
	check(err)
	_, err = jobs.Create(t.Context(), FromSnapshot("s"), ToDownload())
	check(err)
	var out struct{ At time.Time }
	check(client.Do(t.Context(), http.MethodPost, "/api/x", map[string]string{"a": "b"}, &out))
	ended, cancel := context.WithTimeout(t.Context(), 0)
	_, err = jobs.Wait(ended, []string{"j"}, WaitOptions{})
	cancel()
	check(err)
	_, err = jobs.DownloadTo(t.Context(), "j", io.Discard, DownloadOptions{})
	check(err)
	check(client.RevokeToken(t.Context()))
	watch.check(t, name, record.log.String())
	for i := range record.exchanges {
		e := &record.exchanges[i]
		watch.check(t, name, fmt.Sprintf("%+v %#v", *e, *e), e.RequestID, e.ServiceVersion)
		watch.check(t, name, printedForms(e.Err)...)
	}
}

// TestWait_serverRepeatsTheRequest waits until too many polls have failed.
func TestWait_serverRepeatsTheRequest(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 503} {
		synctest.Test(t, func(t *testing.T) {
			watch := newEchoWatch(echoToken)
			client, err := NewClient(BearerToken(func(context.Context) (string, error) { return echoToken, nil }),
				WithBaseURL("https://api.example.com"), WithTransport(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
					return testutil.Always(status, `{"detail":"`+watch.sent(r)+`"}`)(r)
				})))
			require.NoError(t, err)
			var updates []WaitUpdate
			_, err = client.AtlasV2.Cluster("p", "c").Jobs.Wait(t.Context(), []string{"j", "k"}, WaitOptions{
				MaxConsecutiveErrors: 2, OnUpdate: func(u WaitUpdate) error { updates = append(updates, u); return nil },
			})
			var wait *WaitError
			require.ErrorAs(t, err, &wait)
			require.ErrorContains(t, err, redacted)
			watch.check(t, "wait", append(printedForms(err), fmt.Sprintf("%+v", updates))...)
		})
	}
}

// TestDownload_hostRepeatsTheRequest has a download host, and a mirror that it redirects to,
// repeat the link and its secret header.
func TestDownload_hostRepeatsTheRequest(t *testing.T) {
	t.Parallel()
	job := []byte(`{"id":"job","statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"READY","urlV2":"` + echoLink +
		`","authHeader":"X-Link-Key","authValue":"` + echoHeader + `"}}`)
	eachEcho(t, func(t *testing.T, name string, respond func(string) testutil.RoundTripFunc) {
		t.Helper()
		for _, hops := range []int{0, 1} {
			watch := newEchoWatch(echoHeader, "9b1d7c3f5e2a", "6f0e8d2c4b", "77aa88bb99cc", "Lm4No5Pq6Rs7")
			record := &callRecord{}
			client, err := NewClient(APIKey(echoPublicKey, echoPrivateKey), WithBaseURL("https://api.example.com"),
				WithRetry(RetryPolicy{MaxRetries: -1, MinDelay: -1}), WithObserver(record.observe),
				WithTransport(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
					switch {
					case r.URL.Host == "api.example.com":
						return testutil.Always(200, string(job))(r)
					case r.URL.Host == "files.example.com" && hops > 0:
						return testutil.Always(302, "", "Location", echoHop)(r)
					default:
						return respond(r.URL.RequestURI() + " " + echoLink + " " + echoHeader)(r)
					}
				})))
			require.NoError(t, err)
			directory := t.TempDir()
			_, err = client.OpsManager.Cluster("p", "c").Jobs.Download(t.Context(), []string{"job"}, directory, DownloadOptions{})
			watch.check(t, name, append(printedForms(err), fmt.Sprintf("%+v", record.exchanges))...)
			files, err := filepath.Glob(filepath.Join(directory, "*.json"))
			require.NoError(t, err)
			for _, file := range files {
				content, err := os.ReadFile(file)
				require.NoError(t, err)
				watch.check(t, name, string(content))
			}
		}
	})
}

// TestDownload_ordinaryTextOfHost has a download host send an error that names the host and the
// parameters of the link, which are not secret.
func TestDownload_ordinaryTextOfHost(t *testing.T) {
	t.Parallel()
	const link = "https://bucket.s3.example.com/restore.tar.gz?AWSAccessKeyId=AKIAEXAMPLE&Expires=1700000000&Signature=abcdEFGHijkl"
	const text = "<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match, " +
		"see https://docs.example.com, or compare AWSAccessKeyId</Message></Error>"
	job := []byte(`{"id":"job","statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"READY","url":"` + link + `"}}`)
	client, err := NewClient(APIKey(echoPublicKey, echoPrivateKey), WithBaseURL("https://api.example.com"), WithRetry(RetryPolicy{MaxRetries: -1}),
		WithTransport(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
			if r.URL.Host == "api.example.com" {
				return testutil.Always(200, string(job))(r)
			}
			return testutil.Always(403, text+r.URL.RequestURI())(r)
		})))
	require.NoError(t, err)
	_, err = client.OpsManager.Cluster("p", "c").Jobs.DownloadTo(t.Context(), "job", io.Discard, DownloadOptions{})
	var apiErr *Error
	require.ErrorAs(t, err, &apiErr)
	assert.Equal(t, text+"[redacted]?AWSAccessKeyId=[redacted]&Expires=[redacted]&Signature=[redacted]", string(apiErr.Body()))
}

// TestError_bodyOfUnusualEncoding has a server repeat the token in an encoding that few use.
func TestError_bodyOfUnusualEncoding(t *testing.T) {
	t.Parallel()
	base64Of := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for name, encode := range map[string]func(string) string{
		"base64 twice":        func(s string) string { return base64Of(base64Of(s)) },
		"percent three times": func(s string) string { return url.QueryEscape(url.QueryEscape(eachByte(s, "%%%02X"))) },
		"UTF-16":              func(s string) string { return eachByte(s, "%c\x00") },
		"hexadecimal":         func(s string) string { return hex.EncodeToString([]byte(s)) },
	} {
		client, err := NewClient(BearerToken(func(context.Context) (string, error) { return echoToken, nil }), WithBaseURL("https://api.example.com"),
			WithRetry(RetryPolicy{MaxRetries: -1}), WithTransport(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
				return testutil.Always(502, "<html>"+encode(r.Header.Get("Authorization"))+"</html>")(r)
			})))
		require.NoError(t, err)
		_, err = client.AtlasV2.Cluster("p", "c").Jobs.Get(t.Context(), "j")
		var apiErr *Error
		require.ErrorAs(t, err, &apiErr)
		shown := strings.TrimSuffix(strings.TrimPrefix(string(apiErr.Body()), "<html>"), "</html>")
		prefix := encode("Bearer ")
		assert.LessOrEqual(t, len(shown), len(prefix)+len(redacted)+4, "%s: %q", name, shown)
	}
}

// TestError_transportShowsTheRequest has a transport of the caller's print the request.
func TestError_transportShowsTheRequest(t *testing.T) {
	t.Parallel()
	for _, credentials := range []Credentials{
		APIKey(echoPublicKey, echoPrivateKey), ServiceAccount(echoClientID, echoSecret),
		BearerToken(func(context.Context) (string, error) { return echoToken, nil }),
	} {
		watch := newEchoWatch(echoPrivateKey, echoSecret, echoToken)
		client, err := NewClient(credentials, WithBaseURL("https://api.example.com"), WithRetry(RetryPolicy{MaxRetries: -1}),
			WithTransport(dumpingTransport{watch}))
		require.NoError(t, err)
		_, err = client.AtlasV2.Cluster("p", "c").Jobs.Get(t.Context(), "j")
		require.ErrorIs(t, err, io.ErrClosedPipe)
		require.ErrorContains(t, err, redacted)
		watch.check(t, "transport", printedForms(err)...)
	}
}

// dumpingTransport fails with the header of the request.
type dumpingTransport struct{ watch *echoWatch }

func (d dumpingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Header.Get("Authorization") == "" {
		return testutil.Always(401, "", "WWW-Authenticate", echoChallenge).RoundTrip(r)
	}
	d.watch.sent(r)
	return nil, fmt.Errorf("send %v: %w", r.Header, io.ErrClosedPipe)
}

// TestError_bodyStaysJSON redacts what the server sent without breaking it.
func TestError_bodyStaysJSON(t *testing.T) {
	t.Parallel()
	client, err := NewClient(BearerToken(func(context.Context) (string, error) { return echoToken, nil }), WithBaseURL("https://api.example.com"),
		WithTransport(testutil.Always(400, `{"errorCode":"BAD","detail":"got Bearer `+echoToken+`","n":[1,"\/"]}`)))
	require.NoError(t, err)
	_, err = client.AtlasV2.Cluster("p", "c").Jobs.Get(t.Context(), "j")
	var apiErr *Error
	require.ErrorAs(t, err, &apiErr)
	require.ErrorIs(t, err, ErrorCode("BAD"))
	assert.JSONEq(t, `{"errorCode":"BAD","detail":"got Bearer [redacted]","n":[1,"/"]}`, string(apiErr.Body()))
	assert.Equal(t, "got Bearer [redacted]", apiErr.Detail)
}

// TestError_bidirectionalControls has a server send characters that reorder a line.
func TestError_bidirectionalControls(t *testing.T) {
	t.Parallel()
	const controls = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
	for _, control := range controls {
		e := getError(t, testutil.Always(400, `{"errorCode":"A`+string(control)+`B","detail":"a`+string(control)+`b"}`, "X-Request-Id", "c"+string(control)+"d"))
		for _, text := range printedForms(e)[:5] {
			assert.NotContains(t, text, string(control), "%U", control)
			assert.Contains(t, text, "a b")
		}
		job := Job{ID: "x" + string(control), StatusName: JobStatus("y" + string(control))}
		var log strings.Builder
		slog.New(slog.NewJSONHandler(&log, nil)).Info("job", "job", job)
		for _, text := range []string{log.String(), job.String()} {
			assert.NotContains(t, text, string(control), "%U", control)
		}
	}
}
