//go:build interop

package interop

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

// statuses joins the statuses of a log in order.
func statuses(entries []entry) string {
	var all []string
	for _, e := range entries {
		text := e.status
		if e.stale() {
			text += " stale"
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

// A call costs one request in the log of the server, plus one challenge for each nonce. Concurrent
// requests need a nonce each.
func TestDigest_requestsPerCall(t *testing.T) {
	t.Parallel()
	const inTurn, workers, each = 50, 8, 25
	for _, s := range servers(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			agent := agentOf(t, "")
			client, _ := newClient(t, s, agent, env(t, "INTEROP_PASSWORD"))
			jobs := client.OpsManager.Cluster(project, "c1").Jobs
			for range inTurn {
				_, err := jobs.Get(t.Context(), id)
				require.NoError(t, err)
			}
			alone := len(s.log(t, agent, inTurn+1))
			assert.Equal(t, inTurn+1, alone)

			var group sync.WaitGroup
			for range workers {
				group.Go(func() {
					for range each {
						_, err := jobs.Get(t.Context(), id)
						assert.NoError(t, err)
					}
				})
			}
			group.Wait()
			all := s.log(t, agent, alone+workers*each)
			together := len(all) - alone
			assert.LessOrEqual(t, together, workers*each+workers)
			t.Logf("%d calls in turn: %d requests; %d calls of %d goroutines: %d requests",
				inTurn, alone, workers*each, workers, together)
		})
	}
}

// A stale nonce causes no error.
func TestDigest_staleNonce(t *testing.T) {
	t.Parallel()
	t.Run("apache", func(t *testing.T) { // nonces are valid for two seconds
		t.Parallel()
		s := started(t)["apache-short"]
		agent := agentOf(t, "")
		client, _ := newClient(t, s, agent, env(t, "INTEROP_PASSWORD"))
		jobs := client.OpsManager.Cluster(project, "c1").Jobs
		for range 2 {
			_, err := jobs.Get(t.Context(), id)
			require.NoError(t, err)
			time.Sleep(2500 * time.Millisecond) // by the server's clock
		}
		assert.Equal(t, "401, 200, 401 stale, 200", statuses(s.log(t, agent, 4)))
	})
	for _, name := range []string{"lighttpd-md5", "lighttpd-sha256"} { // nonces are valid for ten minutes and contain their creation time
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := started(t)[name]
			agent := agentOf(t, "")
			client, record := newClient(t, s, agent, env(t, "INTEROP_PASSWORD"))
			record.change = func(res *http.Response) {
				if header := res.Header.Get("WWW-Authenticate"); !strings.Contains(header, "stale=true") {
					res.Header.Set("WWW-Authenticate", older(t, header, 11*time.Minute))
				}
			}
			_, err := client.OpsManager.Cluster(project, "c1").Jobs.Get(t.Context(), id)
			require.NoError(t, err)
			assert.Equal(t, "401, 401 stale, 200", statuses(s.log(t, agent, 3)))
		})
	}
}

var lighttpdNonce = regexp.MustCompile(`nonce="([0-9a-f]+):`)

// older changes the creation time in a nonce of lighttpd.
func older(t *testing.T, header string, by time.Duration) string {
	t.Helper()
	return lighttpdNonce.ReplaceAllStringFunc(header, func(text string) string {
		at, err := strconv.ParseInt(lighttpdNonce.FindStringSubmatch(text)[1], 16, 64)
		assert.NoError(t, err)
		return fmt.Sprintf(`nonce="%x:`, at-int64(by.Seconds()))
	})
}

// A signed request is repeated unchanged. Only servers that check the count of a nonce, or allow a
// single use, refuse it.
func TestDigest_replay(t *testing.T) {
	t.Parallel()
	for _, s := range servers(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			client, record := newClient(t, s, agentOf(t, ""), env(t, "INTEROP_PASSWORD"))
			for range 2 {
				_, err := client.OpsManager.Cluster(project, "c1").Jobs.Get(t.Context(), id)
				require.NoError(t, err)
			}
			res, err := record.base.RoundTrip(record.request)
			require.NoError(t, err)
			defer res.Body.Close()
			want := http.StatusOK
			if s.name == "apache-once" || s.name == "apache-count" {
				want = http.StatusUnauthorized
			}
			assert.Equal(t, want, res.StatusCode)
		})
	}
}

// With a wrong password, the library and curl stop after two requests.
func TestDigest_wrongPassword(t *testing.T) {
	t.Parallel()
	for _, s := range servers(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			ours := agentOf(t, "-library")
			theirs := agentOf(t, "-curl")
			client, record := newClient(t, s, ours, "wrong")
			_, err := client.OpsManager.Cluster(project, "c1").Jobs.Get(t.Context(), id)
			require.ErrorIs(t, err, restorejobs.ErrUnauthorized)
			assert.NotContains(t, err.Error(), "wrong\"")
			status, body := curl(t, record.request, nil, theirs, "wrong")
			assert.Equal(t, http.StatusUnauthorized, status)
			assert.Equal(t, string(record.received), string(body))
			assert.Equal(t, "401, 401", statuses(s.log(t, ours, 2)))
			assert.Equal(t, "401, 401", statuses(s.log(t, theirs, 2)))
		})
	}
}

// The client uses the algorithm of the challenge, and the stronger one of two.
func TestDigest_algorithm(t *testing.T) {
	t.Parallel()
	for _, s := range servers(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			want := "MD5"
			if s.name == "lighttpd-sha256" || s.name == "lighttpd-both" {
				want = "SHA-256"
			}
			client, record := newClient(t, s, agentOf(t, ""), env(t, "INTEROP_PASSWORD"))
			_, err := client.OpsManager.Cluster(project, "c1").Jobs.Get(t.Context(), id)
			require.NoError(t, err)
			assert.Regexp(t, `algorithm="?`+want+`"?(,|$)`, record.request.Header.Get("Authorization"))
		})
	}
}

// The first request with a body gets a challenge. The program behind the server then receives the
// whole body once.
func TestDigest_bodyIsReplayed(t *testing.T) {
	t.Parallel()
	for _, s := range servers(t) {
		for _, size := range []int{10, 1 << 20} {
			t.Run(fmt.Sprintf("%s/%d", s.name, size), func(t *testing.T) {
				t.Parallel()
				agent := agentOf(t, "")
				client, record := newClient(t, s, agent, env(t, "INTEROP_PASSWORD"))
				text := strings.Repeat("é", size/2)
				var resp struct {
					Results []struct {
						ContentType string          `json:"contentType"`
						Received    json.RawMessage `json:"received"`
					} `json:"results"`
				}
				path := "/api/public/v1.0/groups/" + project + "/clusters/c1/restoreJobs"
				require.NoError(t, client.Do(t.Context(), http.MethodPost, path, map[string]string{"text": text}, &resp))
				require.Len(t, resp.Results, 1)
				assert.Equal(t, "application/json", resp.Results[0].ContentType)
				assert.True(t, string(record.sent) == string(resp.Results[0].Received), "the received body differs from the sent one")
				assert.Equal(t, "401, 200", statuses(s.log(t, agent, 2)))
			})
		}
	}
}
