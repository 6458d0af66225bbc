package digestauth_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/digestauth"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/transport"
)

func TestTransport_redacted(t *testing.T) {
	t.Parallel()
	home := testutil.ParseURL(t, "http://om.example.net")
	var signature string
	base := testutil.RoundTripFunc(func(req *http.Request) (*http.Response, error) {
		signature = req.Header.Get("Authorization")
		return challengeOnce(req)
	})
	config := digestauth.Config{
		Username: user,
		Password: password,
		Base:     base,
		Origins:  []string{transport.Origin(home)},
	}
	signer := digestauth.New(config)
	resp, err := signer.RoundTrip(&http.Request{URL: home})
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Contains(t, signature, "response=")

	var out bytes.Buffer
	for _, v := range []any{
		signer, *signer, config, &config,
		struct{ T *digestauth.Transport }{signer},
		struct{ t *digestauth.Transport }{signer},
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
	fmt.Fprint(&out, signer.GoString(), config.GoString(), signer.String(), config.String())

	for _, secret := range []string{user, password, "6b6579", "nonce", "response", `"n"`} {
		assert.NotContains(t, out.String(), secret)
	}
	assert.Contains(t, out.String(), "digestauth.Transport{REDACTED}")
	assert.Contains(t, out.String(), "digestauth.Config{REDACTED}")
}
