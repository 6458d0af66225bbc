package restorejobs_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
)

const (
	mineID  = "5ba5e000000000000000000a"
	otherID = "5ba5e000000000000000000b"
)

// TestGet_otherJob refuses a response about another job in every envelope and format.
func TestGet_otherJob(t *testing.T) {
	t.Parallel()
	for _, form := range []string{`%s`, `{"status":200,"content":%s}`, `{"content":%s,"status":200}`, `{"status":200,"envelope":%s}`} {
		for _, job := range []string{
			`{"id":%q,"statusName":"FINISHED"}`, `{"id":%q,"deliveryType":"download","cancelled":true}`, `{"id":%q,"status":"COMPLETED","deliveryType":"RESTORE"}`,
		} {
			requests := 0
			get := func(requested, received string) (*restorejobs.Job, error) {
				client := clienttest.New(t, clienttest.Bearer("t"), restorejobs.WithBaseURL("https://om.example.net"),
					restorejobs.WithTransport(testutil.RoundTripFunc(func(_ *http.Request) (*http.Response, error) {
						requests++
						return testutil.JSON(http.StatusOK, strings.Replace(form, "%s", fmt.Sprintf(job, received), 1)), nil
					})))
				return client.AtlasV2.Flex(clienttest.ProjectID, "c").Jobs.Get(t.Context(), requested)
			}
			got, err := get(mineID, otherID)
			var apiErr *restorejobs.Error
			require.ErrorAs(t, err, &apiErr, form)
			assert.Nil(t, got)
			assert.Equal(t, http.StatusOK, apiErr.StatusCode)
			require.ErrorContains(t, err, "about another job")
			require.ErrorContains(t, err, mineID)
			require.ErrorContains(t, err, otherID)
			assert.False(t, apiErr.Retryable(), "a question that is put again is about the same job")
			require.NotErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
			assert.Equal(t, 1, requests)

			for _, received := range []string{mineID, strings.ToUpper(mineID)} {
				got, err = get(mineID, received)
				require.NoError(t, err, "hexadecimal has no case")
				assert.Equal(t, received, got.ID)
			}
			for requested, received := range map[string]string{"job": "JOB", "j": "{JOB-ID}", mineID: mineID + "0"} {
				_, err = get(requested, received)
				require.ErrorContains(t, err, "about another job", received)
			}
			_, err = get(mineID, "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9")
			require.ErrorContains(t, err, "an id of 36 characters")
			assert.NotContains(t, err.Error(), "eyJ", "what is no id may be a secret")
			_, err = get(mineID, "a\u202eb\nc")
			require.ErrorContains(t, err, "about another job")
			assert.NotContains(t, err.Error(), "\u202e")
			assert.NotContains(t, err.Error(), "\n")
		}
	}
}

// TestCancel_otherJob accepts only a response about the cancelled job.
func TestCancel_otherJob(t *testing.T) {
	t.Parallel()
	cancelled := func(id string) string { return fmt.Sprintf(`{"id":%q,"deliveryType":"download","cancelled":true}`, id) }
	for name, test := range map[string]struct {
		deleted, read string
		ok            bool
	}{
		"lost, then mine is cancelled":    {"", cancelled(mineID), true},
		"lost, then another is cancelled": {"", cancelled(otherID), false},
		"another in an envelope":          {"", `{"status":200,"content":` + cancelled(otherID) + `}`, false},
		"an empty object":                 {"{}", "", true},
		"mine":                            {cancelled(mineID), "", true},
		"mine in an envelope":             {`{"status":200,"content":` + cancelled(mineID) + `}`, "", true},
		"another":                         {cancelled(otherID), "", false},
		"another in the other envelope":   {`{"status":200,"envelope":` + cancelled(otherID) + `}`, "", false},
		"an empty envelope":               {`{"status":200}`, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			deletes := 0
			client := clienttest.New(t, clienttest.Bearer("t"), restorejobs.WithBaseURL("https://om.example.net"),
				restorejobs.WithTransport(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
					if r.Method == http.MethodGet {
						return testutil.JSON(http.StatusOK, test.read), nil
					}
					deletes++
					switch {
					case test.deleted != "":
						return testutil.JSON(http.StatusOK, test.deleted), nil
					case deletes == 1:
						return nil, errors.New("connection reset by peer")
					default:
						return testutil.JSON(http.StatusBadRequest, `{"error":400,"errorCode":"CANNOT_CANCEL_JOB"}`), nil
					}
				})))
			err := client.AtlasV2.Cluster(clienttest.ProjectID, "c").Jobs.Cancel(t.Context(), mineID)
			if test.ok {
				require.NoError(t, err)
				return
			}
			var apiErr *restorejobs.Error
			require.ErrorAs(t, err, &apiErr)
			if test.deleted != "" {
				require.ErrorContains(t, err, "about another job")
			} else {
				require.ErrorIs(t, err, restorejobs.ErrorCode("CANNOT_CANCEL_JOB"), "what the service said of this job")
			}
		})
	}
}
