// Made by `python -m vectors` (vectors/make_training.py): codes of made-up drivers, for training.
// Nobody trusts the root but training itself, and no private key is here.

/** @type {import("./training-shift.js").TrainingSet} */
export const TRAINING_SET = {
 "root": "MIIBhjCCASygAwIBAgIBATAKBggqhkjOPQQDAjApMQswCQYDVQQGEwJDTjEaMBgGA1UEAwwRU1BFQ0lNRU4gVFJBSU5JTkcwHhcNMjUwNjAxMDIwMDAwWhcNMzYwNTI5MDIwMDAwWjApMQswCQYDVQQGEwJDTjEaMBgGA1UEAwwRU1BFQ0lNRU4gVFJBSU5JTkcwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAS1d-TZeCWedsmM5RssAZgz4YHT3LfASQW-aq1hxpdQcDjicWowtWnd7WiRti4O7dzSeoQ3RBbp5OMoOuVGRQxGo0UwQzASBgNVHRMBAf8ECDAGAQH_AgEAMA4GA1UdDwEB_wQEAwIBBjAdBgNVHQ4EFgQUoQIjQZ173rHB2dTqVW3xTYvB6w8wCgYIKoZIzj0EAwIDSAAwRQIhAJopd0xg_lVIxLevBUe9kAR1Do1N0nJAYEjXmkjcXe6YAiAlX_00K7HiWNnNiRVqtIOetd8WoNFSA_b5bqM5SULGJQ",
 "signer": "MIIBujCCAWCgAwIBAgIBAjAKBggqhkjOPQQDAjApMQswCQYDVQQGEwJDTjEaMBgGA1UEAwwRU1BFQ0lNRU4gVFJBSU5JTkcwHhcNMjYwNTAyMDIwMDAwWhcNMjcwMzI4MDIwMDAwWjA5MQswCQYDVQQGEwJDTjEqMCgGA1UEAwwhU1BFQ0lNRU4gdHJhaW5pbmcgZG9jdW1lbnQgc2lnbmVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAETGrJhMxvxHj4gYss0cT6lV0x2v3Hla2B0mFdqUgDGBpwLapjGBqp8xtmUER6NyyjuERATWXhne4E__8aaXTcAqNpMGcwDgYDVR0PAQH_BAQDAgeAMBUGA1UdJQEB_wQLMAkGByiBjF0FAQIwHQYDVR0OBBYEFKnoBvIhDAxCPi84fD4TTH4YJS05MB8GA1UdIwQYMBaAFKECI0Gde96xwdnU6lVt8U2LwesPMAoGCCqGSM49BAMCA0gAMEUCIQDF6cLYLzJTO4W5eHvUY1pTiKTV4dsA2soQ3YqG0XNb4gIgaRdn5JBKVwDJeI9UmREpCC6CTIMV-KWHofQ-CtRa7WY",
 "snapshot": "amlhemhhbyBzdGF0dXMgc25hcHNob3QgMQoAAAJ0hFgpogEmEHgjYXBwbGljYXRpb24vamlhemhhby1zdGF0dXMtc25hcHNob3ShGCFZAckwggHFMIIBa6ADAgECAgECMAoGCCqGSM49BAMCMCkxCzAJBgNVBAYTAkNOMRowGAYDVQQDDBFTUEVDSU1FTiBUUkFJTklORzAeFw0yNjA1MDIwMjAwMDBaFw0yNzAzMjgwMjAwMDBaMDcxCzAJBgNVBAYTAkNOMSgwJgYDVQQDDB9TUEVDSU1FTiB0cmFpbmluZyBzdGF0dXMgc2lnbmVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAErHfWzdfedvaaIpYdr0c8UK6lTbboxy256y8tx8cbpc0yEYRhVCPJy5lC8da1hEPzBK6Iq7G21xeFLbjlAqN-oaN2MHQwDgYDVR0PAQH_BAQDAgeAMCIGA1UdJQEB_wQYMBYGFGmB3u-fzcHyuqmZn8eHrfH6rLgRMB0GA1UdDgQWBBTOjle__CFguqzCYYbnJDSWuir7iDAfBgNVHSMEGDAWgBShAiNBnXvescHZ1OpVbfFNi8HrDzAKBggqhkjOPQQDAgNIADBFAiBWRFKCLR0hhdspaJ-8Ghuu0iAec9FKbmDhKQF7DcMBNQIhAJ9B9YC21pMN3omssAZMcSCUdFvAuRBlHX8KytzchNNnWDWIAPYaAAeLuhpqHNpEBICDAwEAWCCzyzL23rmaBS2xqjirhyCo1J6YKK3v1r1J76RN00bLBFhAgFSDfIT0q3g5FoYfh9ltXv1OPVKVRm2Y0MnDQwrDYDhemUG5jT8kLYaHwvcLAumJsiUX3iu8szlY2L4c1ATM3gAAAAAAAAADn7TX",
 "beacon": "BSX8IVclERW55nvNbtpL",
 "challenge": 4207,
 "settings": {
  "code_seconds": 60,
  "skew_seconds": 30,
  "challenge_after_seconds": 86400,
  "snapshot_max_age_seconds": 86400
 },
 "rules": {
  "classes": {
   "versions": [
    {
     "valid_from": "2022-04-01",
     "valid_to": null,
     "entries": [
      {
       "code": "A1",
       "zh": "大型客车",
       "en": "large passenger vehicle",
       "source": {
        "instrument": "机动车驾驶证申领和使用规定 (order 162)",
        "article": "art. 11"
       }
      },
      {
       "code": "C1",
       "zh": "小型汽车",
       "en": "small car",
       "source": {
        "instrument": "机动车驾驶证申领和使用规定 (order 162)",
        "article": "art. 11"
       }
      }
     ]
    }
   ]
  },
  "class_includes": {
   "versions": [
    {
     "valid_from": "2022-04-01",
     "valid_to": null,
     "entries": [
      {
       "code": "C1",
       "includes": [
        "C2",
        "C3",
        "C4"
       ],
       "source": {
        "instrument": "机动车驾驶证申领和使用规定 (order 162)",
        "article": "annex 1"
       }
      }
     ]
    }
   ]
  },
  "statuses": {
   "versions": [
    {
     "valid_from": "2022-04-01",
     "valid_to": null,
     "entries": [
      {
       "code": "U",
       "zh": "扣留",
       "en": "detained",
       "rank": 7,
       "drive": {
        "effect": "forbidden",
        "source": {
         "instrument": "道路交通安全法实施条例",
         "article": "art. 28"
        }
       },
       "todo_zh": "请按行政强制措施凭证上的期限和地点接受处理。",
       "todo_en": "Appear at the time and place named in the certificate of the coercive measure.",
       "source": {
        "instrument": "status letters of the traffic police as seen in public code",
        "article": ""
       }
      },
      {
       "code": "D",
       "zh": "暂扣",
       "en": "suspended",
       "rank": 8,
       "drive": {
        "effect": "forbidden",
        "source": {
         "instrument": "道路交通安全法实施条例",
         "article": "art. 28"
        }
       },
       "todo_zh": "请等暂扣期满并领回驾驶证。",
       "todo_en": "Wait until the suspension ends and collect the licence.",
       "source": {
        "instrument": "status letters of the traffic police as seen in public code",
        "article": ""
       }
      },
      {
       "code": "B",
       "zh": "超分",
       "en": "full score reached",
       "rank": 10,
       "drive": {
        "effect": "forbidden",
        "source": {
         "instrument": "道路交通安全法实施条例",
         "article": "art. 28"
        }
       },
       "todo_zh": "请参加满分学习，通过考试并缴清罚款。",
       "todo_en": "Complete the full-score study, pass the examination and pay all fines.",
       "source": {
        "instrument": "status letters of the traffic police as seen in public code",
        "article": ""
       }
      },
      {
       "code": "M",
       "zh": "逾期未换证",
       "en": "renewal overdue",
       "rank": 11,
       "drive": {
        "effect": "forbidden",
        "source": {
         "instrument": "道路交通安全法实施条例",
         "article": "art. 28"
        }
       },
       "todo_zh": "请办理期满换证。",
       "todo_en": "Renew the licence.",
       "source": {
        "instrument": "status letters of the traffic police as seen in public code",
        "article": ""
       }
      },
      {
       "code": "A",
       "zh": "正常",
       "en": "normal",
       "rank": 20,
       "drive": {
        "effect": "allowed",
        "source": {
         "instrument": "道路交通安全法",
         "article": "art. 19"
        }
       },
       "todo_zh": "无需办理。",
       "todo_en": "Nothing to do.",
       "source": {
        "instrument": "status letters of the traffic police as seen in public code",
        "article": ""
       }
      }
     ]
    }
   ]
  },
  "age_limits": {
   "versions": [
    {
     "valid_from": "2025-01-01",
     "valid_to": null,
     "entries": [
      {
       "code": "large",
       "from_age": 63,
       "classes": [
        "A1",
        "A2",
        "A3",
        "B1",
        "B2",
        "M",
        "N",
        "P"
       ],
       "todo_zh": "请到车辆管理所换领小型汽车或小型自动挡汽车驾驶证。如已获准延长，请出示批准并由车辆管理所核实：本系统不记录延长。",
       "todo_en": "Exchange the licence for C1 or C2 at a vehicle administration office. If an extension was granted, have the office confirm it: this system does not record extensions.",
       "source": {
        "instrument": "机动车驾驶证申领和使用规定 (order 162 as amended by order 172)",
        "article": "art. 65"
       }
      },
      {
       "code": "other",
       "from_age": 70,
       "classes": [
        "C3",
        "C4",
        "C6",
        "D",
        "E"
       ],
       "todo_zh": "请到车辆管理所换领年龄条件允许的准驾车型。",
       "todo_en": "Exchange the licence for a class that the age allows at a vehicle administration office.",
       "source": {
        "instrument": "机动车驾驶证申领和使用规定 (order 162)",
        "article": "art. 65"
       }
      }
     ]
    }
   ]
  },
  "figures": {
   "versions": [
    {
     "valid_from": "2022-04-01",
     "valid_to": null,
     "entries": [
      {
       "code": "full_score",
       "value": 12,
       "source": {
        "instrument": "道路交通安全违法行为记分管理办法 (order 163)",
        "article": "art. 3, 17"
       }
      },
      {
       "code": "renewal_window",
       "value": 90,
       "source": {
        "instrument": "机动车驾驶证申领和使用规定 (order 162)",
        "article": "art. 63"
       }
      },
      {
       "code": "photo_age",
       "value": 6,
       "source": {
        "instrument": "public notices on the electronic licence's photo",
        "article": ""
       }
      },
      {
       "code": "photo_change_interval",
       "value": 6,
       "source": {
        "instrument": "public notices on the electronic licence; one says three times a year",
        "article": ""
       }
      },
      {
       "code": "photo_review",
       "value": 1,
       "source": {
        "instrument": "public notices on the electronic licence's photo",
        "article": ""
       }
      }
     ]
    }
   ]
  },
  "refusals": {
   "versions": [
    {
     "valid_from": "2022-04-01",
     "valid_to": null,
     "entries": [
      {
       "code": "not_yet_valid",
       "zh": "驾驶证自 {day} 起有效。",
       "en": "The licence is valid from {day} on.",
       "todo_zh": "请在有效期开始后再办理。",
       "todo_en": "Wait until validity begins.",
       "source": {
        "instrument": "道路交通安全法",
        "article": "art. 19"
       }
      },
      {
       "code": "licence_expired",
       "zh": "驾驶证已于 {day} 到期。",
       "en": "The licence expired after {day}.",
       "todo_zh": "请先办理期满换证。",
       "todo_en": "Renew the licence first.",
       "source": {
        "instrument": "道路交通安全法实施条例",
        "article": "art. 28"
       }
      },
      {
       "code": "status_forbids_driving",
       "zh": "驾驶证状态为“{status}”，不得驾驶机动车。",
       "en": "The licence is marked “{status}”; driving is not allowed.",
       "todo_zh": "请到车辆管理所核实。",
       "todo_en": "Ask a vehicle administration office.",
       "source": {
        "instrument": "道路交通安全法实施条例",
        "article": "art. 28"
       }
      },
      {
       "code": "class_not_in_law",
       "zh": "这一天没有准驾车型 {vehicle_class}。",
       "en": "There is no class {vehicle_class} on this day.",
       "todo_zh": "请核对车型和日期。",
       "todo_en": "Check the class and the day.",
       "source": {
        "instrument": "机动车驾驶证申领和使用规定 (order 162)",
        "article": "art. 11"
       }
      },
      {
       "code": "class_not_held",
       "zh": "驾驶证不准驾驶 {vehicle_class}。",
       "en": "The licence does not cover {vehicle_class}.",
       "todo_zh": "请由持有相应准驾车型的人驾驶，或申请增驾。",
       "todo_en": "Let someone drive who holds the class, or apply to add it.",
       "source": {
        "instrument": "道路交通安全法",
        "article": "art. 19"
       }
      },
      {
       "code": "class_not_yet_granted",
       "zh": "准驾 {vehicle_class} 的资格尚未开始。",
       "en": "The entitlement to {vehicle_class} has not begun.",
       "todo_zh": "请在资格开始后再驾驶。",
       "todo_en": "Wait until it begins.",
       "source": {
        "instrument": "道路交通安全法",
        "article": "art. 19"
       }
      },
      {
       "code": "class_expired",
       "zh": "准驾 {vehicle_class} 的资格已到期。",
       "en": "The entitlement to {vehicle_class} has ended.",
       "todo_zh": "请到车辆管理所办理。",
       "todo_en": "Ask a vehicle administration office.",
       "source": {
        "instrument": "道路交通安全法",
        "article": "art. 19"
       }
      },
      {
       "code": "class_lost_by_age",
       "zh": "年满 {age} 周岁，不得驾驶 {vehicle_class}。",
       "en": "From the age of {age} on, driving {vehicle_class} is not allowed.",
       "todo_zh": "请到车辆管理所换领驾驶证。",
       "todo_en": "Exchange the licence at a vehicle administration office.",
       "source": {
        "instrument": "机动车驾驶证申领和使用规定 (order 162)",
        "article": "art. 65"
       }
      },
      {
       "code": "no_class_in_force",
       "zh": "驾驶证没有现行有效的准驾车型。",
       "en": "No class of the licence is in force.",
       "todo_zh": "请到车辆管理所换领驾驶证。",
       "todo_en": "Exchange the licence at a vehicle administration office.",
       "source": {
        "instrument": "道路交通安全法",
        "article": "art. 19"
       }
      }
     ]
    }
   ]
  }
 },
 "cases": {
  "valid": {
   "now": "2026-06-01T02:00:00+00:00",
   "kind": 2,
   "period": 20605,
   "content": "828449a201260444a1e85ef0a05901b4934800010203040506071901f41a6a1a44a01902d0582103efc2d6699053f903a3f8c3ad2aba5ebc6aed7e89b81d91c68ebe5e98949124111b015fc12df56a598a6fe8aeade7bb83e6a0b7e69cace794b2021925a1f61820194644194ed4195d18614103f664e6b2aa4182015901451582f0e81b143bf0d16efb5d4aa835e64e26407c23dde646d92c68e9ac1faf7e03d79aa39c69060079f9f3c1647c5aed03d473c0d40c74288c518e674a4e5c0af510456b1e1c90949960af5e4e24aeea3e640a57c9424deef5dbc13b7a00956109431095f6103908e58d0042e694382b9de6f86ee91e673970a8af079b322bcf30fb01f85fc663c4b4b6c2edd259522e44f2e4f7aae13ed0447270db6ea7ee9fb1ece22b063bf3ce84f6941fb58c9e4f187fe9bbdb0352fabddbcc3ecc76a5e35ebe09615fbfd69a14947cda0b52d2a60cf1542507be48aabe191dfb5acf8803bf5bb0dae644ca010f8e3f15fa24406688caa09bae503fa6a19bd773d4b209826aec2d5c2040b8b819865994c750bdd50ff95c78614fe94b5223b978f33716462ded74e2a73d67ef4a336e870f4d6cad632c9f51741327d33653a8cadf13a11783425f451b5840f6edccfaccff5d44ba2d449e8a5da31e05b56c3a0d9e9efdce31b13f1e10f334eb728d89fd8a4620439018e36366010c51b52d42f2d816c6f06748006d11306d8443a10126a05821851a6a1ce7a007480001020304050607f64f0525f63becdf2040ff73d6fef0aff4584086bfb970cad69b89571fae5d72e392d24879ba5768a8b3470083ef96ffa6de065d07b00671188b7136dff6abe7555472a7e9691c7ee1afa892c09b67b24e5536"
  },
  "points": {
   "now": "2026-06-01T02:00:00+00:00",
   "kind": 2,
   "period": 20605,
   "content": "828449a201260444a1e85ef0a05901b5934808090a0b0c0d0e0f1901f41a6a1a44a01902d0582103efc2d6699053f903a3f8c3ad2aba5ebc6aed7e89b81d91c68ebe5e98949124111b015fc12de0876d096fe8aeade7bb83e6a0b7e69cace4b99901390cd6f61820191a0a194ed4195d1861420cf664e6b2aa41820159014615c2eee51a143a40ddd11d1a1582d7c86cd9f99351d4475d7274d71b3d57531bbf81ea4a060d72a6a2fbbe8e835d8615186fc2c17855e7d0a00056d0fdf03f1b920488ab690a6da66377e7e95a345c4b9b89c9f2da114fe2c3b28faf3e152d1dab9fee974c8a985b2b9374f5383d6dbe82cd6455ef862c521b81ab5c50027067eafdeb2b1c2ea718f83fe90d19d5659efd27756e5f4387c577b7f21d125374368ee71bf8e0fa4316e6cd61a6c755c38bd39182323bf6da0aad2ca0cb6576c22b0b54e791d03ca2d0043197fa8d011821aaf5d27b4b979c99a42fede7ad35d05be280fe57d91aac602fefcf4bbf150f39be0607327fe7778494a9327c45e4e176d7c035c0a69ffc2dd005f2790db0b9fe424a2b466f798413418eebe3a5fa2ee6949040c60b8db5c2a26bf7f7683521ef53b946ae8e7ace0c63ad41703c899ed91af674df4e8858407b5818ec3c07c3b84946027886b36215b5a7c9fbe6a8443471988907670f6534ba8c8b4e271f71acb2d29d0a7ca13f0d8a99491c6ba0799d933a8e042c8285848443a10126a05821851a6a1ce7a007480001020304050607f64f0525f63becdf2040ff73d6fef0aff45840ad86f236f9e1c10d1f6875223d6070a9c6cfbed8ddae08a20ca25885315d275c1dece04f721bb194c459b5969a88df5bb926c45cdeb4012d51cd0da727d33229"
  },
  "detained": {
   "now": "2026-06-01T02:00:00+00:00",
   "kind": 2,
   "period": 20605,
   "content": "828449a201260444a1e85ef0a05901b5934808090a0b0c0d0e0f1901f41a6a1a44a01902d0582103efc2d6699053f903a3f8c3ad2aba5ebc6aed7e89b81d91c68ebe5e98949124111b015fc12de0876d096fe8aeade7bb83e6a0b7e69cace4b99901390cd6f61820191a0a194ed4195d18615503f664e6b2aa41820159014615c2eee51a143a40ddd11d1a1582d7c86cd9f99351d4475d7274d71b3d57531bbf81ea4a060d72a6a2fbbe8e835d8615186fc2c17855e7d0a00056d0fdf03f1b920488ab690a6da66377e7e95a345c4b9b89c9f2da114fe2c3b28faf3e152d1dab9fee974c8a985b2b9374f5383d6dbe82cd6455ef862c521b81ab5c50027067eafdeb2b1c2ea718f83fe90d19d5659efd27756e5f4387c577b7f21d125374368ee71bf8e0fa4316e6cd61a6c755c38bd39182323bf6da0aad2ca0cb6576c22b0b54e791d03ca2d0043197fa8d011821aaf5d27b4b979c99a42fede7ad35d05be280fe57d91aac602fefcf4bbf150f39be0607327fe7778494a9327c45e4e176d7c035c0a69ffc2dd005f2790db0b9fe424a2b466f798413418eebe3a5fa2ee6949040c60b8db5c2a26bf7f7683521ef53b946ae8e7ace0c63ad41703c899ed91af674df4e885840dfa0ca6255903712c2d56d6b2f7a905dc5228ed4dcbc255d04aaf12d3256883fc007d9f90f60dd76b849032c52e94bb23133070fb19d937e1eca8c2d5865544b8443a10126a05821851a6a1ce7a007480001020304050607f64f0525f63becdf2040ff73d6fef0aff4584023e1576fcbefe5b6db219d5ace826492ff08a344fa0782e89990bb15b21d1f99146c751b3872c3134d6a84ff6664d8a2e52290534357a352e0e4a7b3e2ebeb9c"
  },
  "suspended": {
   "now": "2026-06-01T02:00:00+00:00",
   "kind": 2,
   "period": 20605,
   "content": "828449a201260444a1e85ef0a05901b5934808090a0b0c0d0e0f1901f41a6a1a44a01902d0582103efc2d6699053f903a3f8c3ad2aba5ebc6aed7e89b81d91c68ebe5e98949124111b015fc12de0876d096fe8aeade7bb83e6a0b7e69cace4b99901390cd6f61820191a0a194ed4195d18614403f664e6b2aa41820159014615c2eee51a143a40ddd11d1a1582d7c86cd9f99351d4475d7274d71b3d57531bbf81ea4a060d72a6a2fbbe8e835d8615186fc2c17855e7d0a00056d0fdf03f1b920488ab690a6da66377e7e95a345c4b9b89c9f2da114fe2c3b28faf3e152d1dab9fee974c8a985b2b9374f5383d6dbe82cd6455ef862c521b81ab5c50027067eafdeb2b1c2ea718f83fe90d19d5659efd27756e5f4387c577b7f21d125374368ee71bf8e0fa4316e6cd61a6c755c38bd39182323bf6da0aad2ca0cb6576c22b0b54e791d03ca2d0043197fa8d011821aaf5d27b4b979c99a42fede7ad35d05be280fe57d91aac602fefcf4bbf150f39be0607327fe7778494a9327c45e4e176d7c035c0a69ffc2dd005f2790db0b9fe424a2b466f798413418eebe3a5fa2ee6949040c60b8db5c2a26bf7f7683521ef53b946ae8e7ace0c63ad41703c899ed91af674df4e8858408db4e4fbca74b2f725927935b05c28e96b3e676beb8f4ed0ce7ebb0df06428d0e08353e4688f8c9ca3148192693a5f01ee502a4ae10f20b37f6864dba4335db98443a10126a05821851a6a1ce7a007480001020304050607f64f0525f63becdf2040ff73d6fef0aff4584021bf88e4253624b8559a5fdff1b30f2bd1e53c274c0426e8328a64d5edf8feb15f8e4c98977b77d951f8bb4edb814873f99c5e34cd8f8711b17141e7097449b9"
  },
  "listed": {
   "now": "2026-06-01T02:00:00+00:00",
   "kind": 2,
   "period": 20605,
   "content": "828449a201260444a1e85ef0a05901b593485a111111111111111901f41a6a1a44a01902d0582103efc2d6699053f903a3f8c3ad2aba5ebc6aed7e89b81d91c68ebe5e98949124111b015fc12de0876d096fe8aeade7bb83e6a0b7e69cace4b99901390cd6f61820191a0a194ed4195d18614103f664e6b2aa41820159014615c2eee51a143a40ddd11d1a1582d7c86cd9f99351d4475d7274d71b3d57531bbf81ea4a060d72a6a2fbbe8e835d8615186fc2c17855e7d0a00056d0fdf03f1b920488ab690a6da66377e7e95a345c4b9b89c9f2da114fe2c3b28faf3e152d1dab9fee974c8a985b2b9374f5383d6dbe82cd6455ef862c521b81ab5c50027067eafdeb2b1c2ea718f83fe90d19d5659efd27756e5f4387c577b7f21d125374368ee71bf8e0fa4316e6cd61a6c755c38bd39182323bf6da0aad2ca0cb6576c22b0b54e791d03ca2d0043197fa8d011821aaf5d27b4b979c99a42fede7ad35d05be280fe57d91aac602fefcf4bbf150f39be0607327fe7778494a9327c45e4e176d7c035c0a69ffc2dd005f2790db0b9fe424a2b466f798413418eebe3a5fa2ee6949040c60b8db5c2a26bf7f7683521ef53b946ae8e7ace0c63ad41703c899ed91af674df4e8858403f656dba9e24f2f3ee601be4eac64410e62b31531c24b96913f920466c04bd994545962eb46c5c47dc047ad5d304daa30e5c58781272313c5831217baf817b388443a10126a05821851a6a1ce7a007480001020304050607f64f0525f63becdf2040ff73d6fef0aff458409da5a1dda940592ccb1c5bf2d420128780a249d65262406fb1d5b1de4382c97bdda58f78f4376052a448be23800c8d2999ba3857dbae291f7c4bc980da9dc25b"
  },
  "lapsed": {
   "now": "2026-06-01T02:00:00+00:00",
   "kind": 2,
   "period": 20605,
   "content": "828449a201260444a1e85ef0a05901b5934808090a0b0c0d0e0f1901f41a6a1a44a01902d0582103efc2d6699053f903a3f8c3ad2aba5ebc6aed7e89b81d91c68ebe5e98949124111b015fc12de0876d096fe8aeade7bb83e6a0b7e69cace4b99901390cd6f61820191a0a194ed419507c614103f664e6b2aa41820159014615c2eee51a143a40ddd11d1a1582d7c86cd9f99351d4475d7274d71b3d57531bbf81ea4a060d72a6a2fbbe8e835d8615186fc2c17855e7d0a00056d0fdf03f1b920488ab690a6da66377e7e95a345c4b9b89c9f2da114fe2c3b28faf3e152d1dab9fee974c8a985b2b9374f5383d6dbe82cd6455ef862c521b81ab5c50027067eafdeb2b1c2ea718f83fe90d19d5659efd27756e5f4387c577b7f21d125374368ee71bf8e0fa4316e6cd61a6c755c38bd39182323bf6da0aad2ca0cb6576c22b0b54e791d03ca2d0043197fa8d011821aaf5d27b4b979c99a42fede7ad35d05be280fe57d91aac602fefcf4bbf150f39be0607327fe7778494a9327c45e4e176d7c035c0a69ffc2dd005f2790db0b9fe424a2b466f798413418eebe3a5fa2ee6949040c60b8db5c2a26bf7f7683521ef53b946ae8e7ace0c63ad41703c899ed91af674df4e885840bd7e3343ff3d136712450450ec92c756fab3885b3711939068c61381da465ff8c89b60fedfe2245da3665aae244758985ab2959d69412336de2336c0ac8211128443a10126a05821851a6a1ce7a007480001020304050607f64f0525f63becdf2040ff73d6fef0aff45840bc6d979f4fd42cd9942ac8a12a7d6502b7f6b571db4005d6508bd5fbba084a998f64f0309d83b241daabe8591494c7c89e725600421c8cf11c49dd0f34e2dc0e"
  },
  "forged": {
   "now": "2026-06-01T02:00:00+00:00",
   "kind": 2,
   "period": 20605,
   "content": "828449a201260444a1e85ef0a05901b5934808090a0b0c0d0e0f1901f41a6a1a44a01902d0582103efc2d6699053f903a3f8c3ad2aba5ebc6aed7e89b81d91c68ebe5e98949124111b015fc12de0876d096fe8aeade7bb83e6a0b7e69cace4b99901390cd6f61820191a0a194ed4195d18614100f664e6b2aa41820159014615c2eee51a143a40ddd11d1a1582d7c86cd9f99351d4475d7274d71b3d57531bbf81ea4a060d72a6a2fbbe8e835d8615186fc2c17855e7d0a00056d0fdf03f1b920488ab690a6da66377e7e95a345c4b9b89c9f2da114fe2c3b28faf3e152d1dab9fee974c8a985b2b9374f5383d6dbe82cd6455ef862c521b81ab5c50027067eafdeb2b1c2ea718f83fe90d19d5659efd27756e5f4387c577b7f21d125374368ee71bf8e0fa4316e6cd61a6c755c38bd39182323bf6da0aad2ca0cb6576c22b0b54e791d03ca2d0043197fa8d011821aaf5d27b4b979c99a42fede7ad35d05be280fe57d91aac602fefcf4bbf150f39be0607327fe7778494a9327c45e4e176d7c035c0a69ffc2dd005f2790db0b9fe424a2b466f798413418eebe3a5fa2ee6949040c60b8db5c2a26bf7f7683521ef53b946ae8e7ace0c63ad41703c899ed91af674df4e885840b9c969dd46963303a1193c356951e52b1af131cf181267e849b6e2b51dc7ce4d10c03b4db4198a27c63e2a6fe39eceecfadf8e4ff9a6f40463dc4915c522067d8443a10126a05821851a6a1ce7a007480001020304050607f64f0525f63becdf2040ff73d6fef0aff458407c62745f22fff0ddf3c3bacc8702f91ef1651163cf0f9561933106000d1a7a24c1f39d14773523815fc87f554a4da3380a3370d42083fb954dee7cf931f9cd7b"
  },
  "expired-code": {
   "now": "2026-06-01T02:00:00+00:00",
   "kind": 2,
   "period": 20605,
   "content": "828449a201260444a1e85ef0a05901b4934800010203040506071901f41a6a1a44a01902d0582103efc2d6699053f903a3f8c3ad2aba5ebc6aed7e89b81d91c68ebe5e98949124111b015fc12df56a598a6fe8aeade7bb83e6a0b7e69cace794b2021925a1f61820194644194ed4195d18614103f664e6b2aa4182015901451582f0e81b143bf0d16efb5d4aa835e64e26407c23dde646d92c68e9ac1faf7e03d79aa39c69060079f9f3c1647c5aed03d473c0d40c74288c518e674a4e5c0af510456b1e1c90949960af5e4e24aeea3e640a57c9424deef5dbc13b7a00956109431095f6103908e58d0042e694382b9de6f86ee91e673970a8af079b322bcf30fb01f85fc663c4b4b6c2edd259522e44f2e4f7aae13ed0447270db6ea7ee9fb1ece22b063bf3ce84f6941fb58c9e4f187fe9bbdb0352fabddbcc3ecc76a5e35ebe09615fbfd69a14947cda0b52d2a60cf1542507be48aabe191dfb5acf8803bf5bb0dae644ca010f8e3f15fa24406688caa09bae503fa6a19bd773d4b209826aec2d5c2040b8b819865994c750bdd50ff95c78614fe94b5223b978f33716462ded74e2a73d67ef4a336e870f4d6cad632c9f51741327d33653a8cadf13a11783425f451b5840f6edccfaccff5d44ba2d449e8a5da31e05b56c3a0d9e9efdce31b13f1e10f334eb728d89fd8a4620439018e36366010c51b52d42f2d816c6f06748006d11306d8443a10126a05821851a6a1ce54807480001020304050607f64f0525f63becdf2040ff73d6fef0aff458402f5bca3b2212dadde38d7b022479413769a7dbbf0bad9a85b949df9089fa9e99e069ba27ab3f8156d617a40fdb534b8707082c98ebcf9a7f5be40aa80c40a4e5"
  },
  "old-list": {
   "now": "2026-06-02T08:00:00+00:00",
   "kind": 2,
   "period": 20606,
   "content": "828449a201260444a1e85ef0a05901b4934800010203040506071901f41a6a1a44a01902d0582103efc2d6699053f903a3f8c3ad2aba5ebc6aed7e89b81d91c68ebe5e98949124111b015fc12df56a598a6fe8aeade7bb83e6a0b7e69cace794b2021925a1f61820194644194ed4195d18614103f664e6b2aa4182015901451582f0e81b143bf0d16efb5d4aa835e64e26407c23dde646d92c68e9ac1faf7e03d79aa39c69060079f9f3c1647c5aed03d473c0d40c74288c518e674a4e5c0af510456b1e1c90949960af5e4e24aeea3e640a57c9424deef5dbc13b7a00956109431095f6103908e58d0042e694382b9de6f86ee91e673970a8af079b322bcf30fb01f85fc663c4b4b6c2edd259522e44f2e4f7aae13ed0447270db6ea7ee9fb1ece22b063bf3ce84f6941fb58c9e4f187fe9bbdb0352fabddbcc3ecc76a5e35ebe09615fbfd69a14947cda0b52d2a60cf1542507be48aabe191dfb5acf8803bf5bb0dae644ca010f8e3f15fa24406688caa09bae503fa6a19bd773d4b209826aec2d5c2040b8b819865994c750bdd50ff95c78614fe94b5223b978f33716462ded74e2a73d67ef4a336e870f4d6cad632c9f51741327d33653a8cadf13a11783425f451b5840f6edccfaccff5d44ba2d449e8a5da31e05b56c3a0d9e9efdce31b13f1e10f334eb728d89fd8a4620439018e36366010c51b52d42f2d816c6f06748006d11306d8443a10126a05821851a6a1e8d8007480001020304050607f64f0526aac14069c4b66d8ba75037b3745840b757d3a0e76425e01f85a361f85cc294ae6fa96497b91c2e85bb8aa8376d0b95f07c19406c9ca94ab583ac3390f4e5f5ed68f365c65f10e2b109eb6f34ae6f66"
  },
  "digits": {
   "now": "2026-06-01T02:00:00+00:00",
   "kind": 2,
   "period": 20605,
   "content": "828449a201260444a1e85ef0a05901b4934800010203040506071901f41a6a1a44a01902d0582103efc2d6699053f903a3f8c3ad2aba5ebc6aed7e89b81d91c68ebe5e98949124111b015fc12df56a598a6fe8aeade7bb83e6a0b7e69cace794b2021925a1f61820194644194ed4195d18614103f664e6b2aa4182015901451582f0e81b143bf0d16efb5d4aa835e64e26407c23dde646d92c68e9ac1faf7e03d79aa39c69060079f9f3c1647c5aed03d473c0d40c74288c518e674a4e5c0af510456b1e1c90949960af5e4e24aeea3e640a57c9424deef5dbc13b7a00956109431095f6103908e58d0042e694382b9de6f86ee91e673970a8af079b322bcf30fb01f85fc663c4b4b6c2edd259522e44f2e4f7aae13ed0447270db6ea7ee9fb1ece22b063bf3ce84f6941fb58c9e4f187fe9bbdb0352fabddbcc3ecc76a5e35ebe09615fbfd69a14947cda0b52d2a60cf1542507be48aabe191dfb5acf8803bf5bb0dae644ca010f8e3f15fa24406688caa09bae503fa6a19bd773d4b209826aec2d5c2040b8b819865994c750bdd50ff95c78614fe94b5223b978f33716462ded74e2a73d67ef4a336e870f4d6cad632c9f51741327d33653a8cadf13a11783425f451b5840f6edccfaccff5d44ba2d449e8a5da31e05b56c3a0d9e9efdce31b13f1e10f334eb728d89fd8a4620439018e36366010c51b52d42f2d816c6f06748006d11306d8443a10126a052851a6a1ce7a007480001020304050607f6f658400422a81a2ad29af3e10ee83703a7094a8eac90ad75ffa7e0b555e52bb5db4a5616654265ce16acbe322c6c42f349a854c46e13b0101642bfe7c66d63033634cc"
  },
  "digits-typed": {
   "now": "2026-06-01T02:00:00+00:00",
   "kind": 2,
   "period": 20605,
   "content": "828449a201260444a1e85ef0a05901b4934800010203040506071901f41a6a1a44a01902d0582103efc2d6699053f903a3f8c3ad2aba5ebc6aed7e89b81d91c68ebe5e98949124111b015fc12df56a598a6fe8aeade7bb83e6a0b7e69cace794b2021925a1f61820194644194ed4195d18614103f664e6b2aa4182015901451582f0e81b143bf0d16efb5d4aa835e64e26407c23dde646d92c68e9ac1faf7e03d79aa39c69060079f9f3c1647c5aed03d473c0d40c74288c518e674a4e5c0af510456b1e1c90949960af5e4e24aeea3e640a57c9424deef5dbc13b7a00956109431095f6103908e58d0042e694382b9de6f86ee91e673970a8af079b322bcf30fb01f85fc663c4b4b6c2edd259522e44f2e4f7aae13ed0447270db6ea7ee9fb1ece22b063bf3ce84f6941fb58c9e4f187fe9bbdb0352fabddbcc3ecc76a5e35ebe09615fbfd69a14947cda0b52d2a60cf1542507be48aabe191dfb5acf8803bf5bb0dae644ca010f8e3f15fa24406688caa09bae503fa6a19bd773d4b209826aec2d5c2040b8b819865994c750bdd50ff95c78614fe94b5223b978f33716462ded74e2a73d67ef4a336e870f4d6cad632c9f51741327d33653a8cadf13a11783425f451b5840f6edccfaccff5d44ba2d449e8a5da31e05b56c3a0d9e9efdce31b13f1e10f334eb728d89fd8a4620439018e36366010c51b52d42f2d816c6f06748006d11306d8443a10126a054851a6a1ce7a00748000102030405060719106ff65840ab0d2716b5eb33725b6be57de72c19dc3431c907e5a50e8a99987fd8d82f60070bce9d0d191e04d35f5481e333b93edb67c5a4c1cfaba1ce4e9996bdbf79016a"
  },
  "face": {
   "now": "2026-06-01T02:00:00+00:00",
   "kind": 3,
   "period": 2026,
   "content": "828449a201260444a1e85ef0a0590193934808090a0b0c0d0e0f1901f41a6a1a44a0192250f61b015fc12de0876d096fe8aeade7bb83e6a0b7e69cace4b99901390cd6f61820191a0a194ed4195d18614103f664e6b2aa41820159014615c2eee51a143a40ddd11d1a1582d7c86cd9f99351d4475d7274d71b3d57531bbf81ea4a060d72a6a2fbbe8e835d8615186fc2c17855e7d0a00056d0fdf03f1b920488ab690a6da66377e7e95a345c4b9b89c9f2da114fe2c3b28faf3e152d1dab9fee974c8a985b2b9374f5383d6dbe82cd6455ef862c521b81ab5c50027067eafdeb2b1c2ea718f83fe90d19d5659efd27756e5f4387c577b7f21d125374368ee71bf8e0fa4316e6cd61a6c755c38bd39182323bf6da0aad2ca0cb6576c22b0b54e791d03ca2d0043197fa8d011821aaf5d27b4b979c99a42fede7ad35d05be280fe57d91aac602fefcf4bbf150f39be0607327fe7778494a9327c45e4e176d7c035c0a69ffc2dd005f2790db0b9fe424a2b466f798413418eebe3a5fa2ee6949040c60b8db5c2a26bf7f7683521ef53b946ae8e7ace0c63ad41703c899ed91af674df4e885840584a7bbaf78e55eff028989a9a083b9f56eb8af55e14aa144458156bb2178bfd4a3fda38d2c95cd573037b5edf52340c045dad5eb049780f1adc5734c5a3e465f6"
  },
  "no-face": {
   "now": "2026-06-01T02:00:00+00:00",
   "kind": 3,
   "period": 2026,
   "content": "828449a201260444a1e85ef0a05849934800010203040506071901f41a6a1a44a0192250f61b015fc12df56a598a6fe8aeade7bb83e6a0b7e69cace794b2021925a1f61820194644194ed4195d18614103f664e6b2aa41f65840041571bdae6bbf41443629abd8fa4a38e11726b7eff792821e1f33eba13f3576e2820be563429ef3240deb4f2a15245e132dffd2a3ee2dc54c9b976bea88aa9ff6"
  }
 }
};
