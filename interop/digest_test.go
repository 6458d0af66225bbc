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

// statuses are those of a log, in order.
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

// TestDigest_requestsPerCall counts in the servers' logs what calls cost: one request each, and
// one challenge for each nonce. There are as many nonces as requests are in flight at once.
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

// TestDigest_staleNonce lets nonces grow old: the caller sees nothing of it.
func TestDigest_staleNonce(t *testing.T) {
	t.Parallel()
	t.Run("apache", func(t *testing.T) { // nonces live for two seconds
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
	for _, name := range []string{"lighttpd-md5", "lighttpd-sha256"} { // nonces live for ten minutes, and tell when they were made
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

// older sets back the time that lighttpd writes into a nonce.
func older(t *testing.T, header string, by time.Duration) string {
	t.Helper()
	return lighttpdNonce.ReplaceAllStringFunc(header, func(text string) string {
		at, err := strconv.ParseInt(lighttpdNonce.FindStringSubmatch(text)[1], 16, 64)
		assert.NoError(t, err)
		return fmt.Sprintf(`nonce="%x:`, at-int64(by.Seconds()))
	})
}

// TestDigest_replay repeats a signed request as it was. It tells which servers hold the count of
// a nonce, or its single use, against it: those that the counts above mean most for.
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

// TestDigest_wrongPassword is over after two requests, for the library as for curl.
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

// TestDigest_algorithm signs with what the server asks for, and the better of two.
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

// TestDigest_bodyIsReplayed sends a body on a connection that has no nonce yet: the challenge
// comes first, and the whole body reaches the program behind the server once.
func TestDigest_bodyIsReplayed(t *testing.T) {
	t.Parallel()
	for _, s := range servers(t) {
		for _, size := range []int{10, 1 << 20} {
			t.Run(fmt.Sprintf("%s/%d", s.name, size), func(t *testing.T) {
				t.Parallel()
				agent := agentOf(t, "")
				client, record := newClient(t, s, agent, env(t, "INTEROP_PASSWORD"))
				text := strings.Repeat("é", size/2)
				var answer struct {
					Results []struct {
						ContentType string          `json:"contentType"`
						Came        json.RawMessage `json:"came"`
					} `json:"results"`
				}
				path := "/api/public/v1.0/groups/" + project + "/clusters/c1/restoreJobs"
				require.NoError(t, client.Do(t.Context(), http.MethodPost, path, map[string]string{"text": text}, &answer))
				require.Len(t, answer.Results, 1)
				assert.Equal(t, "application/json", answer.Results[0].ContentType)
				assert.True(t, string(record.sent) == string(answer.Results[0].Came), "what was sent is not what came")
				assert.Equal(t, "401, 200", statuses(s.log(t, agent, 2)))
			})
		}
	}
}
