package restorejobs_test

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

type rememberingListener struct {
	net.Listener
	mu   sync.Mutex
	last net.Conn
}

func (l *rememberingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	l.mu.Lock()
	l.last = c
	l.mu.Unlock()
	return c, err
}

// The create was read by the service, then something on the way writes plain text into the
// TLS stream: the reply is lost, and the restore may run.
func TestCreate_garbageInTLSStream(t *testing.T) {
	t.Parallel()
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		var creates atomic.Int32
		var l *rememberingListener
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			creates.Add(1)
			l.mu.Lock()
			raw := l.last
			l.mu.Unlock()
			_, _ = raw.Write([]byte("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"))
			time.Sleep(50 * time.Millisecond)
			_ = raw.Close()
		}))
		l = &rememberingListener{Listener: s.Listener}
		s.Listener = l
		s.TLS = &tls.Config{MaxVersion: version}
		s.StartTLS()
		plain := s.Client().Transport.(*http.Transport)
		c := newTestClient(t, bearer("x"), restorejobs.WithBaseURL(s.URL), restorejobs.WithTransport(plain))
		err := adversaryCreate(t.Context(), c)
		require.Error(t, err)
		assert.EqualValues(t, 1, creates.Load())
		assert.True(t, errors.Is(err, restorejobs.ErrOutcomeUnknown), "%x: %v", version, err)
		s.Close()
	}
}

// A page of odd entries.
func TestList_invalidEntries(t *testing.T) {
	t.Parallel()
	f := newFake(t, answerWith(200, "application/json", `{"results":[5,"x",null,[],{"id":7},{"id":"j","statusName":"FINISHED","links":"no","delivery":[],"hashes":{"a":1},"timestamp":3}],"totalCount":"6","links":[]}`))
	page, err := f.client(t).OpsManager.Cluster("p", "c").Jobs.List(t.Context(), restorejobs.ListOptions{})
	require.NoError(t, err)
	assert.Len(t, page.Jobs, 6)
	assert.Equal(t, 6, page.TotalCount)
	assert.Equal(t, "7", page.Jobs[4].ID)
}

// Envelope forms.
func TestGet_envelopeForms(t *testing.T) {
	t.Parallel()
	for body, ok := range map[string]bool{
		`{"status":200,"content":{"id":"j","status":"PENDING"}}`:                          true,
		`{"status":200,"envelope":{"id":"j"}}`:                                            true,
		`{"status":404,"content":{"error":404,"errorCode":"X"}}`:                          false,
		`{"status":200,"content":{"status":404,"content":{"error":404,"errorCode":"X"}}}`: false,
		`{"status":200,"content":null}`:                                                   false,
		`{"status":200,"content":[]}`:                                                     false,
		`{"status":500}`:                                                                  false,
		`{"status":"404","content":{"id":"j"}}`:                                           false,
		`{"error":404,"id":"j"}`:                                                          true,
		`{"error":404,"reason":"Not Found"}`:                                              false,
		`{}`:                                                                              false, `null`: false, `[]`: false, `[{"id":"j"}]`: false, `"x"`: false, ``: false, `{"id":"j"}{"id":"k"}`: false,
	} {
		f := newFake(t, answerWith(200, "application/json", body))
		job, err := f.client(t, restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: -1})).OpsManager.Cluster("p", "c").Jobs.Get(t.Context(), "j")
		assert.Equal(t, ok, err == nil, "%s: %v", body, err)
		if err == nil {
			assert.Equal(t, "j", job.ID, body)
		}
	}
	for body, n := range map[string]int{
		`{"status":200,"results":[{"id":"a"}],"totalCount":1}`:                1,
		`{"status":200,"content":{"results":[{"id":"a"}],"totalCount":1}}`:    1,
		`{"status":200,"content":[{"id":"a"}]}`:                               1,
		`[{"id":"a"}]`:                                                        1,
		`{"status":404,"results":[]}`:                                         -1,
		`{"status":200,"content":{"error":404,"errorCode":"X","results":[]}}`: -1,
		`{"results":null}`:                                                    0,
		`{"results":{}}`:                                                      -1,
		`{"totalCount":0}`:                                                    -1,
	} {
		f := newFake(t, answerWith(200, "application/json", body))
		page, err := f.client(t, restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: -1})).OpsManager.Cluster("p", "c").Jobs.List(t.Context(), restorejobs.ListOptions{})
		if err != nil {
			if n >= 0 {
				t.Logf("LIST %s: %v", body, err)
			}
			continue
		}
		assert.Len(t, page.Jobs, max(n, 0), body)
		assert.GreaterOrEqual(t, n, 0, body)
	}
}

// Overwrite false, target appears while downloading.
// Marshal and back of jobs built by hand.
func TestTimestamp_forms(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]restorejobs.Timestamp{
		`"2014-07-09T09:20:00Z"`:                              {Date: time.Date(2014, 7, 9, 9, 20, 0, 0, time.UTC)},
		`{"date":"2014-07-09T09:20:00Z","increment":"3"}`:     {Date: time.Date(2014, 7, 9, 9, 20, 0, 0, time.UTC), Increment: 3},
		`{"date":"2014-07-09T09:20:00+0000","increment":3.0}`: {Date: time.Date(2014, 7, 9, 9, 20, 0, 0, time.UTC), Increment: 3},
		`{"increment":null,"time":null,"date":null}`:          {},
		`""`: {}, `null`: {},
		`"2014-07-09T11:20:00.5+0200"`: {Date: time.Date(2014, 7, 9, 9, 20, 0, 5e8, time.UTC)},
	} {
		var ts restorejobs.Timestamp
		require.NoError(t, ts.UnmarshalJSON([]byte(in)), in)
		assert.True(t, ts.Date.Equal(want.Date) && ts.Increment == want.Increment, "%s: %v", in, ts)
	}
	for _, in := range []string{`7`, `[]`} {
		require.Error(t, new(restorejobs.Timestamp).UnmarshalJSON([]byte(in)), in)
	}
}
