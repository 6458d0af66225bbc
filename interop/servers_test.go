//go:build interop

package interop

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
)

// server is a web server with one configuration of digest authentication.
type server struct {
	name string
	url  string
}

func env(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv(name)
	require.NotEmpty(t, value, "%s is not set: this test is started by interop/run", name)
	return value
}

// started returns the servers that the script started, by name.
func started(t *testing.T) map[string]server {
	t.Helper()
	all := map[string]server{}
	for text := range strings.FieldsSeq(env(t, "INTEROP_SERVERS")) {
		name, url, _ := strings.Cut(text, "=")
		all[name] = server{name, url}
	}
	return all
}

// servers returns all servers except the one whose nonces expire too early for the other tests.
func servers(t *testing.T) map[string]server {
	t.Helper()
	all := started(t)
	delete(all, "apache-short")
	require.Len(t, all, 6)
	return all
}

// entry is one request in the access log of a server.
type entry struct {
	agent, method, uri, status, challenge string
}

func (e entry) stale() bool { return strings.Contains(e.challenge, "stale=true") }

// log waits until the access log has want entries of a user agent, because servers write it after
// the response, and a little longer, because it must not have more.
func (s server) log(t *testing.T, agent string, want int) []entry {
	t.Helper()
	product, _, _ := strings.Cut(s.name, "-")
	path := filepath.Join(env(t, "INTEROP_DIR"), product+".log")
	var found []entry
	read := func() {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		found = nil
		for line := range strings.Lines(string(text)) {
			fields := strings.SplitN(strings.TrimSuffix(line, "\n"), "\t", 5)
			if name, _, _ := strings.Cut(fields[0], " "); name == agent && len(fields) == 5 {
				found = append(found, entry{fields[0], fields[1], fields[2], fields[3], fields[4]})
			}
		}
	}
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if read(); len(found) >= want {
			break
		}
	}
	time.Sleep(200 * time.Millisecond) // for an unexpected entry
	read()
	return found
}

// agentOf returns a user agent that is unique to the test.
func agentOf(t *testing.T, more string) string {
	t.Helper()
	return regexp.MustCompile(`[^A-Za-z0-9]+`).ReplaceAllString(t.Name(), "-") + more
}

// recorder records the last exchange below the digest layer.
type recorder struct {
	base   *http.Transport
	change func(*http.Response) // may be nil

	mu       sync.Mutex
	sent     []byte
	request  *http.Request
	status   int
	received []byte
}

// RoundTrip implements [http.RoundTripper].
func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	recorded, err := testutil.Record(r.base, req)
	if err != nil {
		return nil, err
	}
	resp := recorded.Response
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.change != nil {
		r.change(resp)
	}
	r.sent = recorded.Sent
	r.request = recorded.Request
	r.status = resp.StatusCode
	r.received = recorded.Received
	return resp, nil
}

// newClient returns a client without retries.
func newClient(t *testing.T, s server, agent, password string) (*restorejobs.Client, *recorder) {
	t.Helper()
	record := &recorder{base: &http.Transport{MaxIdleConnsPerHost: 16}}
	t.Cleanup(record.base.CloseIdleConnections)
	client, err := restorejobs.NewClient(restorejobs.APIKey(env(t, "INTEROP_USER"), password),
		restorejobs.WithBaseURL(s.url), restorejobs.WithTransport(record), restorejobs.WithUserAgent(agent),
		restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: -1}))
	require.NoError(t, err)
	return client, record
}
