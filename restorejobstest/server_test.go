package restorejobstest_test

import (
	"io"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

func TestServer_everyScope(t *testing.T) {
	t.Parallel()
	runBoth(t, func(t *testing.T, c *caller) {
		for i, scope := range rjt.Scopes() {
			list := c.get(jobs(scope))
			require.Equal(t, http.StatusOK, list.status, "%s: %s", scope, list.body)
			results := objects(list.doc["results"])
			require.Len(t, results, len(scope.Jobs()), scope)
			assert.InDelta(t, len(results), list.doc["totalCount"], 0, scope)
			for k, id := range scope.Jobs() {
				assert.Equal(t, id, results[k]["id"], scope)
				one := c.get(jobs(scope) + "/" + id)
				assert.Equal(t, http.StatusOK, one.status, scope)
				assert.Equal(t, results[k], one.doc, scope)
			}
			created := c.create(scope, scope.Cluster(), goodBody(scope))
			require.Len(t, created, 1, scope)
			id := created[0]["id"].(string)
			assert.Equal(t, id, c.get(jobs(scope) + "/" + id).doc["id"])
			assert.Equal(t, id, objects(c.get(jobs(scope)).doc["results"])[0]["id"], "newest first in %s", scope)
			assert.Equal(t, i+1, c.server.CreateCount())
		}
	})
}

func TestClose_endsRequests(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]rjt.Fault{"a response": rjt.DelayResponse(time.Hour), "a body": rjt.StallBody(10, time.Hour)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			runBoth(t, func(t *testing.T, c *caller) {
				target := jobs(rjt.MMSCluster)
				c.get(target)
				c.server.InjectFault(fault, 1)
				failed := make(chan error, 1)
				req := c.request(http.MethodGet, target, "")
				before := len(c.server.Requests())
				go func() {
					res, err := c.signed.Do(req)
					if err == nil {
						_, err = io.Copy(io.Discard, res.Body)
						_ = res.Body.Close()
					}
					failed <- err
				}()
				require.Eventually(t, func() bool { return len(c.server.Requests()) > before }, time.Minute, time.Millisecond)
				c.server.Close()
				select {
				case err := <-failed:
					require.Error(t, err)
				case <-time.After(time.Minute):
					require.Fail(t, "the server is closed, and the request has not ended")
				}
				c.server.Close()
			})
		})
	}
}

// Close ends every wait on the fake clock, and the reading of a body.
func TestClose_fakeClock(t *testing.T) {
	t.Parallel()
	server := rjt.NewServer(rjt.InProcess()) // outside of the bubble in which it is used
	synctest.Test(t, func(t *testing.T) {
		c := &caller{
			t:      t,
			server: server,
			plain:  &http.Client{Transport: server.Transport()},
			signed: digestClient(server.Transport()),
		}
		target := jobs(rjt.MMSCluster)
		c.get(target)
		server.InjectFault(rjt.EndlessBody(), 1)
		endless, err := c.signed.Do(c.request(http.MethodGet, target, ""))
		require.NoError(t, err)
		defer endless.Body.Close()
		began := time.Now()
		server.InjectFault(rjt.DelayResponse(time.Hour), 1)
		go func() {
			time.Sleep(time.Minute)
			server.Close()
		}()
		_, err = c.signed.Do(c.request(http.MethodGet, target, ""))
		require.ErrorIs(t, err, syscall.ECONNRESET)
		assert.Equal(t, time.Minute, time.Since(began))
		_, err = endless.Body.Read(make([]byte, 10))
		require.ErrorIs(t, err, syscall.ECONNRESET)
	})
}

func TestClose_unreachable(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	c.server.Close()
	_, err := c.server.Transport().RoundTrip(c.request(http.MethodGet, jobs(rjt.MMSCluster), ""))
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	unused := rjt.NewServer()
	unused.Close()
}
