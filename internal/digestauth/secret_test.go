package digestauth_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/digestauth"
)

func TestTransport_redacted(t *testing.T) {
	t.Parallel()
	home := &url.URL{Scheme: "http", Host: "om.example.net"}
	var signature string
	base := roundTrip(func(req *http.Request) (*http.Response, error) {
		signature = req.Header.Get("Authorization")
		return challengeOnce(req)
	})
	config := digestauth.Config{
		Username: user, Password: password, Base: base, Origins: []string{digestauth.Origin(home)},
	}
	transport := digestauth.New(config)
	resp, err := transport.RoundTrip(&http.Request{URL: home})
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Contains(t, signature, "response=")

	var out bytes.Buffer
	for _, v := range []any{
		transport, *transport, config, &config,
		struct{ T *digestauth.Transport }{transport},
		struct{ t *digestauth.Transport }{transport},
		struct{ C digestauth.Config }{config},
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("text", "v", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("json", "v", v)
	}
	text, err := json.Marshal(config)
	require.NoError(t, err)
	out.Write(text)
	fmt.Fprint(&out, transport.GoString(), config.GoString(), transport.String(), config.String())

	for _, secret := range []string{user, password, "6b6579", "nonce", "response", `"n"`} {
		assert.NotContains(t, out.String(), secret)
	}
	assert.Contains(t, out.String(), "digestauth.Transport{REDACTED}")
	assert.Contains(t, out.String(), "digestauth.Config{REDACTED}")
}

// In FIPS mode a server that offers MD5 alone is an error, one that also offers
// SHA-256 works. The mode is chosen when a process starts, so this test runs
// itself again.
func TestTransport_fips(t *testing.T) {
	t.Parallel()
	if os.Getenv("GODEBUG") != "fips140=only" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestTransport_fips$", "-test.v")
		cmd.Env = append(os.Environ(), "GODEBUG=fips140=only")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		assert.Contains(t, string(out), "--- PASS: TestTransport_fips")
		return
	}
	home := &url.URL{Scheme: "http", Host: "om.example.net"}
	offer := chal
	transport := newTransport(roundTrip(func(req *http.Request) (*http.Response, error) {
		if req.Header.Get("Authorization") == "" {
			return answer(req, http.StatusUnauthorized, http.Header{"Www-Authenticate": {offer}}), nil
		}
		return answer(req, http.StatusOK, nil), nil
	}), password, home)
	_, err := transport.RoundTrip(&http.Request{URL: home})
	require.ErrorIs(t, err, digestauth.ErrMD5Forbidden)
	require.ErrorContains(t, err, "FIPS")

	offer += ", " + chal + ", algorithm=SHA-256"
	resp, err := transport.RoundTrip(&http.Request{URL: home})
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, http.StatusOK, resp.StatusCode)
}
